#include "fit/score/score.h"

#include "base/math/elementary.h"
#include "stats/sample.h"
#include <math.h>
#include <stddef.h>

double score_brier(double p, bool happened) {
    return (p - happened) * (p - happened);
}

double score_log(double p, bool happened) {
    return -elementary_log(fmin(1 - SCORE_CLIP, fmax(SCORE_CLIP, happened ? p : 1 - p)));
}

double score_crps(int n, const double *pmf, int observed) {
    double sum = 0, below = 0;
    for (int k = 0; k < n; k++) {
        below += pmf[k];
        double off = below - (observed <= k);
        sum += off * off;
    }
    return sum;
}

double score_crps_fair(int n, const uint32_t *counts, int observed) {
    double members = 0, distance = 0, spread = 0, below = 0;
    for (int k = 0; k < n; k++) {
        members += counts[k];
        distance += counts[k] * fabs((double)k - observed);
    }
    for (int k = 0; k < n; k++) {
        below += counts[k];
        spread += 2 * below * (members - below); /* pairs, in either order, between which k and k + 1 lie */
    }
    return distance / members - (members > 1 ? spread / (2 * members * (members - 1)) : 0);
}

double score_crps_values(int n, float *values, double observed) {
    double distance = 0, spread = 0;
    sample_sort_float(values, (size_t)n);
    for (int i = 0; i < n; i++) {
        distance += fabs(values[i] - observed);
        spread += 2.0 * values[i] * (2.0 * i + 1 - n);
    }
    return distance / n - (n > 1 ? spread / (2.0 * n * (n - 1)) : 0);
}

double score_pit(int n, const uint32_t *counts, int observed, double u) {
    double members = 0, below = 0, equal = 0;
    for (int k = 0; k < n; k++) {
        members += counts[k];
        if (k < observed) below += counts[k];
        if (k == observed) equal += counts[k];
    }
    return (below + u * (equal + 1)) / (members + 1);
}

double score_uniformity(int n, double *values) {
    double distance = 0;
    sample_sort(values, (size_t)n);
    for (int i = 0; i < n; i++)
        distance = fmax(distance, fmax((i + 1.0) / n - values[i], values[i] - (double)i / n));
    return distance;
}

const double reliability_edges[RELIABILITY_BINS + 1] = {0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1};

void score_reliability(int n, const double *p, const bool *happened, reliability_t bins[RELIABILITY_BINS]) {
    for (int b = 0; b < RELIABILITY_BINS; b++) bins[b] = (reliability_t){0};
    for (int i = 0; i < n; i++) {
        int b = RELIABILITY_BINS - 1;
        while (b > 0 && p[i] < reliability_edges[b]) b--;
        bins[b].n++;
        bins[b].forecast += p[i];
        bins[b].seen += happened[i];
    }
    for (int b = 0; b < RELIABILITY_BINS; b++) {
        bins[b].forecast = bins[b].n ? bins[b].forecast / bins[b].n : NAN;
        bins[b].seen = bins[b].n ? bins[b].seen / bins[b].n : NAN;
    }
}
