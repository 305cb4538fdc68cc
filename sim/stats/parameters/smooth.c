#include "stats/parameters/smooth.h"

#include "base/error.h"
#include "base/mem.h"
#include "stats/interval.h"
#include "stats/sample.h"
#include <math.h>
#include <string.h>

#define Z95 1.959963984540054

typedef struct {
    basis_t *basis;
    int n, n_terms;
    double mean, variance; /* of y */
    double explained;      /* variance of E[y | parameters] */
    double noise;          /* mean variance of the rest */
    double *y;             /* [n] off the mean */
    double *fitted, *rest; /* [n] */
    double *own;           /* [n] variance of each row's noise, without bias */
    double *parameter;     /* [n] what the fit says of one parameter */
    double *coefficients;  /* [basis->most] of the columns */
    double *of_terms;      /* [basis->most] */
    double *part;          /* [basis->most] of `explained`, of each column */
} fit_parts_t;

static const interval_t unknown = {NAN, NAN, NAN};

static const double *column(const fit_parts_t *f, int k) {
    return f->basis->q + (size_t)k * (size_t)f->n;
}

static void parts_free(fit_parts_t *f) {
    mem_free(f->y);
    mem_free(f->fitted);
    mem_free(f->rest);
    mem_free(f->own);
    mem_free(f->parameter);
    mem_free(f->coefficients);
    mem_free(f->of_terms);
    mem_free(f->part);
}

static int parts_init(fit_parts_t *f, basis_t *basis, const double *y) {
    size_t n = (size_t)basis->n, most = (size_t)basis->most;
    *f = (fit_parts_t){.basis = basis,
                       .n = basis->n,
                       .y = mem_alloc(n, sizeof *f->y),
                       .fitted = mem_alloc(n, sizeof *f->fitted),
                       .rest = mem_alloc(n, sizeof *f->rest),
                       .own = mem_alloc(n, sizeof *f->own),
                       .parameter = mem_alloc(n, sizeof *f->parameter),
                       .coefficients = mem_alloc(most, sizeof *f->coefficients),
                       .of_terms = mem_alloc(most, sizeof *f->of_terms),
                       .part = mem_alloc(most, sizeof *f->part)};
    if (!f->y || !f->fitted || !f->rest || !f->own || !f->parameter || !f->coefficients || !f->of_terms ||
        !f->part)
        return ERR_NOMEM;
    f->mean = sample_mean(y, n);
    for (size_t i = 0; i < n; i++) f->y[i] = y[i] - f->mean;
    for (size_t i = 0; i < n; i++) f->variance += f->y[i] * f->y[i] / (double)n;
    return 0;
}

/* ---- the fit ---------------------------------------------------------------------------------------- */

/* Fits the basis' columns from `first` on. */
static void project(fit_parts_t *f, int first) {
    for (int k = first; k < f->basis->n_terms; k++) {
        const double *q = column(f, k);
        double sum = 0;
        for (int i = 0; i < f->n; i++) sum += q[i] * f->y[i];
        for (int i = 0; i < f->n; i++) f->fitted[i] += sum * q[i];
        f->coefficients[k] = sum;
    }
    f->n_terms = f->basis->n_terms;
}

/* The parameters whose own columns explain most, the most important first. */
static int choose(const fit_parts_t *f, int chosen[BASIS_CHOSEN]) {
    int n = 0;
    double power[BASIS_CHOSEN];
    for (int a = 0; a < f->basis->d; a++) {
        double own = 0;
        for (int k = 0; k < f->n_terms; k++)
            if (f->basis->terms[k].a == a) own += f->coefficients[k] * f->coefficients[k];
        int at = n;
        if (n == BASIS_CHOSEN && own <= power[--at]) continue;
        n = at + 1;
        for (; at && power[at - 1] < own; at--) power[at] = power[at - 1], chosen[at] = chosen[at - 1];
        power[at] = own;
        chosen[at] = a;
    }
    return n;
}

/* Cubes and products of the chosen ones, the most important first, as far as the rows suffice. */
static void add_terms(fit_parts_t *f) {
    basis_t *basis = f->basis;
    int first = basis->n_terms, chosen[BASIS_CHOSEN], n = choose(f, chosen), n_added = 0;
    basis_term_t added[BASIS_ADDED];
    if (basis->terms[first - 1].power < 2) return;
    for (int i = 0; i < n; i++) {
        int b = chosen[i];
        added[n_added++] = (basis_term_t){.a = b, .b = b, .power = 3};
        for (int k = 0; k < i; k++) added[n_added++] = (basis_term_t){.a = chosen[k], .b = b, .power = 1};
        for (int k = 0; k < i && i < BASIS_BENT; k++) {
            added[n_added++] = (basis_term_t){.a = chosen[k], .b = b, .power = 2};
            added[n_added++] = (basis_term_t){.a = b, .b = chosen[k], .power = 2};
        }
    }
    for (int k = 0; k < n_added && f->n >= BASIS_ROWS_PER_COLUMN * (basis->n_terms + 2); k++)
        basis_add(basis, added[k]);
    project(f, first);
}

/* The variance that the columns explain beyond the noise that they follow. */
static void take_noise_away(fit_parts_t *f) {
    double n = f->n;
    for (int i = 0; i < f->n; i++) f->own[i] = 1 / n; /* leverages, of the mean first */
    for (int k = 0; k < f->n_terms; k++) {
        const double *q = column(f, k);
        for (int i = 0; i < f->n; i++) f->own[i] += q[i] * q[i];
    }
    for (int i = 0; i < f->n; i++) {
        f->rest[i] = f->y[i] - f->fitted[i];
        f->noise += f->rest[i] * f->rest[i] / (n - f->n_terms - 1);
        f->own[i] = f->y[i] * f->rest[i] / fmax(1 - f->own[i], 1 / n);
    }
    for (int k = 0; k < f->n_terms; k++) {
        const double *q = column(f, k);
        double noise = 0;
        for (int i = 0; i < f->n; i++) noise += q[i] * q[i] * f->own[i];
        f->part[k] = (f->coefficients[k] * f->coefficients[k] - noise) / n;
        f->explained += f->part[k];
    }
}

/* What is left of a coefficient whose square is c^2 + noise: c (1 - strength noise / c^2), or 0 (the
 * non-negative garrote: Breiman, Technometrics 37, 1995). */
static double shrunk(const fit_parts_t *f, int k, double strength) {
    double c = f->coefficients[k], noise = fmax(c * c - f->part[k] * f->n, 0);
    return noise < c * c / strength ? c * (1 - strength * noise / (c * c)) : 0;
}

static double variance_left(const fit_parts_t *f, double strength) {
    double sum = 0;
    for (int k = 0; k < f->n_terms; k++) {
        double c = shrunk(f, k, strength);
        sum += c * c / f->n;
    }
    return sum;
}

/* Shrinks the coefficients until their variance is the one explained: those that noise made most, large ones
 * hardly. `told` false: to nothing. */
static void narrow(fit_parts_t *f, bool told) {
    double weak = 0.01, strong = 100;
    for (int step = 0; step < 60 && told; step++) {
        double middle = sqrt(weak * strong);
        *(variance_left(f, middle) > f->explained ? &weak : &strong) = middle;
    }
    memset(f->fitted, 0, (size_t)f->n * sizeof *f->fitted);
    for (int k = 0; k < f->n_terms; k++) {
        const double *q = column(f, k);
        double c = f->coefficients[k] = told ? shrunk(f, k, weak) : 0;
        for (int i = 0; i < f->n && c != 0; i++) f->fitted[i] += c * q[i];
    }
    basis_solve(f->basis, f->coefficients, f->of_terms);
}

/* From influences that hold the noise which the fit follows, twice too much of it. */
static double variance_of(double influences, double by_chance) {
    return fmax(influences - by_chance, by_chance);
}

/* A row's influence on the share S of the variance W is ((1 - S) y^2 - rest^2) / W; a ratio of two estimates
 * is off by the mean product of that and the row's influence on the logarithm of W. The share is off by the
 * mean influence, whose interval (stats/interval.h) is narrowed by what noise adds to the influences. */
static interval_t share_of(const fit_parts_t *f) {
    double n = f->n, share = f->explained / f->variance, off = 0, rest = 1 - share, mean = 0;
    sample_moments_t influences = {.n = f->n, .n_differ = f->n};
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < f->n; i++) {
            double influence = (rest * f->y[i] * f->y[i] - f->rest[i] * f->rest[i]) / f->variance;
            if (pass)
                interval_sample_add(&influences, influence - mean);
            else
                mean += influence / n;
            if (pass) off += influence * (f->y[i] * f->y[i] / f->variance - 1) / (n * n);
        }
    share += off;
    double noise = f->noise / f->variance, by_chance = 2 * f->n_terms * noise * noise;
    double narrower = sqrt(variance_of(influences.squares, by_chance) / influences.squares);
    ends_t ends = interval_unjudged(&influences);
    double inside = fmin(fmax(share, 0), 1);
    return (interval_t){inside, fmax(share + narrower * ends.low, 0), fmin(inside + narrower * ends.high, 1)};
}

/* Of the narrowed fit. */
static void set_range(const fit_parts_t *f, double *sorted, smooth_t *out) {
    size_t n = (size_t)f->n;
    memcpy(sorted, f->fitted, n * sizeof *sorted);
    sample_sort(sorted, n);
    double low = sample_quantile(sorted, n, SMOOTH_LOW), high = sample_quantile(sorted, n, SMOOTH_HIGH);
    memcpy(sorted, f->y, n * sizeof *sorted);
    sample_sort(sorted, n);
    /* The mean given the parameters is a mean of outcomes. */
    out->low = f->mean + fmax(low, sorted[0]);
    out->high = f->mean + fmin(high, sorted[n - 1]);
}

/* ---- one parameter ---------------------------------------------------------------------------------- */

static bool together(const int *sets, int a, int b) {
    return a == b || (sets && sets[a] >= 0 && sets[a] == sets[b]);
}

/* How much a term is one of parameter a, or of its set. */
static double weight_of(const basis_term_t *term, const int *sets, int a) {
    return 0.5 * together(sets, a, term->a) + 0.5 * together(sets, a, term->b);
}

/* With g the parameter's part of the fit m, a row's influence on its share s is (g - s m)(m + 2 rest) / V. */
static interval_t share_of_parameter(fit_parts_t *f, const int *sets, int a) {
    double part = 0, n = f->n, influences = 0, columns = 0;
    memset(f->parameter, 0, (size_t)f->n * sizeof *f->parameter);
    for (int k = 0; k < f->n_terms; k++) {
        double weight = weight_of(&f->basis->terms[k], sets, a), size = weight * f->coefficients[k];
        if (weight <= 0) continue;
        const double *q = column(f, k);
        for (int i = 0; i < f->n; i++) f->parameter[i] += size * q[i];
        part += weight * f->part[k];
        columns += weight;
    }
    double share = part / f->explained;
    for (int i = 0; i < f->n; i++) {
        double influence = (f->parameter[i] - share * f->fitted[i]) * (f->fitted[i] + 2 * f->rest[i]);
        influences += influence * influence;
    }
    double by_chance = 2 * f->noise * f->noise *
                       (columns * (1 - share) * (1 - share) + (f->n_terms - columns) * share * share);
    double half = Z95 * sqrt(variance_of(influences, by_chance)) / (n * f->explained);
    if (!(half <= SMOOTH_HALF_WIDTH_MOST)) return unknown;
    double inside = fmin(fmax(share, 0), 1);
    return (interval_t){inside, fmin(fmax(share - half, 0), inside), fmax(fmin(share + half, 1), inside)};
}

/* By which its own columns of the narrowed fit have the variance that is their part of what is explained. */
static double factor_of(const fit_parts_t *f, const int *sets, int a) {
    double part = 0, left = 0;
    for (int k = 0; k < f->n_terms; k++) {
        if (weight_of(&f->basis->terms[k], sets, a) < 1) continue;
        part += f->part[k];
        left += f->coefficients[k] * f->coefficients[k] / f->n;
    }
    return part > 0 && left > 0 ? sqrt(part / left) : 0;
}

/* What the fit says of the parameter alone, or of its set, in a row. */
static double main_of(const fit_parts_t *f, const int *sets, int a, size_t row) {
    double sum = 0;
    if (!sets || sets[a] < 0)
        return basis_main(f->basis, f->of_terms, a, f->basis->z[(size_t)a * (size_t)f->n + row]);
    for (int k = 0; k < f->basis->n_terms; k++)
        if (weight_of(&f->basis->terms[k], sets, a) >= 1)
            sum += f->of_terms[k] * basis_value(f->basis, &f->basis->terms[k], row);
    return sum;
}

static void set_effect(fit_parts_t *f, int a, double factor, carrier_t *carrier) {
    size_t n = (size_t)f->n;
    memcpy(f->parameter, f->basis->z + (size_t)a * n, n * sizeof *f->parameter);
    sample_sort(f->parameter, n);
    double low = sample_quantile(f->parameter, n, SMOOTH_LOW),
           high = sample_quantile(f->parameter, n, SMOOTH_HIGH);
    carrier->at_low = f->mean + factor * basis_main(f->basis, f->of_terms, a, low);
    carrier->at_high = f->mean + factor * basis_main(f->basis, f->of_terms, a, high);
}

static void set_details(fit_parts_t *f, const smooth_detail_t *detail) {
    size_t n = (size_t)f->n;
    for (int a = 0; a < f->basis->d; a++) {
        double factor = factor_of(f, detail->sets, a);
        if (detail->carriers) set_effect(f, a, factor, &detail->carriers[a]);
        for (size_t i = 0; i < n && detail->mains; i++) {
            size_t at = (size_t)a * n + i;
            detail->mains[at] = factor * main_of(f, detail->sets, a, i);
        }
    }
    for (size_t i = 0; i < n && detail->whole; i++) detail->whole[i] = f->fitted[i];
}

static void clear(const basis_t *basis, smooth_t *out, const smooth_detail_t *detail) {
    size_t n = (size_t)basis->n, d = (size_t)basis->d;
    *out = (smooth_t){NAN, unknown, NAN, NAN};
    if (!detail) return;
    for (size_t a = 0; a < d && detail->carriers; a++) detail->carriers[a] = (carrier_t){unknown, NAN, NAN};
    if (detail->mains) memset(detail->mains, 0, d * n * sizeof *detail->mains);
    if (detail->whole) memset(detail->whole, 0, n * sizeof *detail->whole);
}

int smooth_fit(basis_t *basis, const double *y, smooth_t *out, const smooth_detail_t *detail) {
    fit_parts_t f;
    int first = basis->n_terms;
    clear(basis, out, detail);
    if (!first) return 0;
    int ret = parts_init(&f, basis, y);
    if (ret || !(f.variance > 1e-24 * f.mean * f.mean)) goto out;
    project(&f, 0);
    add_terms(&f);
    take_noise_away(&f);
    out->r2 = 0;
    for (int k = 0; k < f.n_terms; k++) out->r2 += f.coefficients[k] * f.coefficients[k] / (f.n * f.variance);
    out->share = share_of(&f);
    bool told = out->share.low > 0;
    for (int a = 0; a < basis->d && told && detail && detail->carriers; a++)
        detail->carriers[a].share = share_of_parameter(&f, detail->sets, a);
    narrow(&f, told);
    set_range(&f, f.parameter, out);
    if (detail) set_details(&f, detail);
out:
    basis->n_terms = first;
    parts_free(&f);
    return ret;
}
