#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { ROWS_MAX = 4096 };

static struct {
    char name[64];
    int n;
    struct row {
        char quantity[160];
        double expected, observed, p;
        bool rejected;
    } rows[ROWS_MAX];
} report;

static const char *folder(void) {
    const char *out = getenv("ENTENTE_VERIFY_OUT");
    return out ? out : ENTENTE_SOURCE_DIR "/out/verify";
}

static FILE *open_file(const char *stem) {
    char path[1024];
    snprintf(path, sizeof path, "%s", folder());
    for (char *c = path + 1; *c; c++) {
        if (*c != '/') continue;
        *c = 0, mkdir(path, 0777), *c = '/';
    }
    mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/%s.csv", folder(), stem);
    return fopen(path, "w");
}

void report_open(const char *name) {
    report.n = 0;
    snprintf(report.name, sizeof report.name, "%s", name);
}

void report_p(const char *quantity, double expected, double observed, double p) {
    assert_true(report.n < ROWS_MAX);
    struct row *row = &report.rows[report.n++];
    *row = (struct row){.expected = expected, .observed = observed, .p = p >= 0 ? fmin(p, 1) : 0};
    snprintf(row->quantity, sizeof row->quantity, "%.95s", quantity);
}

double normal_p(double z) {
    return erfc(fabs(z) / sqrt(2));
}

void report_estimate(const char *quantity, double expected, double observed, double standard_error) {
    report_p(quantity, expected, observed, normal_p((observed - expected) / standard_error));
}

void report_mean(const char *quantity, double expected, const moments_t *sample) {
    report_estimate(quantity, expected, sample->mean, sqrt(moments_var(sample) / sample->n) + 1e-300);
}

void report_holds(const char *quantity, double expected, double observed, bool holds) {
    report_p(quantity, expected, observed, holds);
}

double kolmogorov_p(double distance, size_t n) {
    double root = sqrt((double)n), d = distance * (root + 0.12 + 0.11 / root), sum = 0;
    if (d < 0.3) return 1;
    for (int k = 1; k < 101; k++) sum += (k & 1 ? 2 : -2) * exp(-2 * k * k * d * d);
    return fmin(1, fmax(0, sum));
}

static int ascending(const void *x, const void *y) {
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

double ks_uniform(double *u, size_t n) {
    double worst = 0;
    for (size_t i = 0; i < n; i++)
        worst = fmax(worst, fmax(u[i] - (double)i / (double)n, (double)(i + 1) / (double)n - u[i]));
    return worst;
}

static double lag_one(const double *x, size_t n) {
    double mean = 0, square = 0, product = 0;
    for (size_t i = 0; i < n; i++) mean += x[i] / (double)n;
    for (size_t i = 0; i < n; i++) square += (x[i] - mean) * (x[i] - mean);
    for (size_t i = 0; i + 1 < n; i++) product += (x[i] - mean) * (x[i + 1] - mean);
    return square > 0 ? product / square : 0;
}

static void keep_sample(const char *quantity, const char *law, const double *sorted, size_t n) {
    char stem[256];
    snprintf(stem, sizeof stem, "qq-%s-%s", report.name, quantity);
    for (char *c = stem; *c; c++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-", *c)) *c = '-';
    FILE *file = open_file(stem);
    if (!file) return;
    fprintf(file, "# %s: %s, %s, n = %zu\n", report.name, quantity, law, n);
    for (size_t i = 0; i < n; i++) fprintf(file, "%.9g\n", sorted[i]);
    fclose(file);
}

static void report_sample(const char *quantity, const char *law, double *x, size_t n) {
    char label[160];
    double rho = lag_one(x, n);
    snprintf(label, sizeof label, "%s, lag one", quantity);
    qsort(x, n, sizeof *x, ascending);
    keep_sample(quantity, law, x, n);
    double *u = malloc((n + 1) * sizeof *u);
    for (size_t i = 0; i < n; i++) u[i] = law[0] == 'E' ? -expm1(-x[i]) : x[i];
    double distance = ks_uniform(u, n);
    report_p(quantity, 0, distance, kolmogorov_p(distance, n));
    report_estimate(label, 0, rho, 1 / sqrt((double)n));
    free(u);
}

void report_exponential(const char *quantity, double *x, size_t n) {
    report_sample(quantity, "Exp(1)", x, n);
}

void report_uniform(const char *quantity, double *x, size_t n) {
    report_sample(quantity, "uniform", x, n);
}

static int by_p(const void *x, const void *y) {
    double a = (*(struct row *const *)x)->p, b = (*(struct row *const *)y)->p;
    return (a > b) - (a < b);
}

int report_close(void) {
    struct row *order[ROWS_MAX];
    int rejected = 0;
    for (int r = 0; r < report.n; r++) order[r] = &report.rows[r];
    qsort(order, (size_t)report.n, sizeof *order, by_p);
    for (int r = 0; r < report.n && order[r]->p * (report.n - r) < REPORT_LEVEL; r++, rejected++)
        order[r]->rejected = true;
    FILE *file = open_file(report.name);
    printf("\n%-66s %14s %14s %9s\n", report.name, "expected", "observed", "p");
    for (int r = 0; r < report.n; r++) {
        const struct row *row = &report.rows[r];
        printf("%-66s %14.6g %14.6g %9.3g%s\n", row->quantity, row->expected, row->observed, row->p,
               row->rejected ? "  REJECTED" : "");
        if (file)
            fprintf(file, "%s,\"%s\",%.9g,%.9g,%.6g\n", report.name, row->quantity, row->expected,
                    row->observed, row->p);
    }
    printf("%d rows, smallest p %.3g, rejected at %g (Holm): %d\n\n", report.n, report.n ? order[0]->p : 1.0,
           REPORT_LEVEL, rejected);
    if (file) fclose(file);
    return rejected;
}
