/* Which of the points of a process comes next.
 *
 * A process has two candidates. `low` is the next point of strip 0, whatever the intensity: it stays valid
 * until its time. `high` is the next point of the strips above that is below the bound of the baseline
 * intensity; it is searched again whenever the bound rises above the level of the last search, which is rare
 * in a well-scaled process. The earlier of the two is in the queue. A process whose bound is far below its
 * scale is dormant: it has no `low` and searches all strips for `high`.
 * */
#include "engine/event/observed.h"
#include "engine/path.h"

#include <gsl/gsl_minmax.h>
#include <math.h>
#include <string.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif

/* Logs of: how far below its scale a process is dormant; how much a bound may rise before strips are
 * searched again; the rounding of values stored as floats; the intensity, a day, beyond which the clock
 * could not resolve points. */
#define LOG_SLEEP (-3 * M_LN2)
#define LOG_SLACK 0.12
#define SCALE_ROOM 0x1.004p0
#define LOG_ROUNDING 2e-5f
#define LOG_INTENSITY_MAX (9 * M_LN10)

/* The scale of a measure: 2^(quarters / 4), and a thousandth more, so that a base rate of just that is below.
 */
static inline double scale_of(int quarters) {
    static const double root[] = {1, 0x1.306fe0a31b715p+0, 0x1.6a09e667f3bcdp+0, 0x1.ae89f995ad3adp+0};
    union {
        uint64_t bits;
        double value;
    } two = {.bits = (uint64_t)(1023 + (quarters >> 2)) << 52};
    return SCALE_ROOM * root[quarters & 3] * two.value;
}

static inline measure_t measure_of(const engine_t *self, const process_t *p) {
    return (measure_t){path_key(self, p->key), self->replicate, scale_of(p->scale)};
}

void process_make_room(engine_t *self, const process_t *p) {
    self->room[process_id(self, p)] =
        p->log_rate > -INFINITY ? (float)((double)p->log_ceiling - p->log_rate) - LOG_ROUNDING : INFINITY;
}

static const point_t never = {INFINITY, INFINITY};

/* Strip 0 has no point before the horizon. */
static inline bool is_empty(const engine_t *self, const process_t *p) {
    return p->empty && !self->branch;
}

/* Most processes have none within a year. One number of each shows it, without its logarithm, four at a time.
 */
void processes_find_empty(engine_t *self) {
    uint32_t least[1 << 8] = {0}, first[RNG_LANES], second = measure_first_counter(self->replicate);
    bool known[1 << 8] = {false};
    process_t *four[RNG_LANES];
    uint64_t keys[RNG_LANES] = {0};
    int n = 0;
    for (uint32_t at = 0; at < self->n_processes; at++) {
        process_t *p = &self->processes[at];
        p->empty = false;
        if (p->log_rate > -INFINITY) four[n] = p, keys[n++] = p->key;
        if (n < RNG_LANES && (at + 1 < self->n_processes || n == 0)) continue;
        rng_philox_second(keys, second, first);
        for (int k = 0; k < n; k++) {
            unsigned scale = (unsigned)four[k]->scale & 255; /* of -120 .. 120 */
            measure_t measure = measure_of(self, four[k]);
            if (!known[scale]) least[scale] = measure_least(&measure, self->model->horizon);
            known[scale] = true;
            four[k]->empty = first[k] < least[scale];
        }
        n = 0;
    }
}

static void forget_candidates(engine_t *self) {
    for (uint32_t n = 0; n < self->n_processes; n++) {
        process_t *p = &self->processes[n];
        p->low = p->high = never;
        p->log_ceiling = -INFINITY;
        p->asleep = true;
        process_make_room(self, p);
        self->next[n] = INFINITY;
    }
}

void processes_reset(engine_t *self) {
    heap_clear(&self->queue);
    sites_clear(&self->dirty_ties);
    sites_clear(&self->dirty_actors);
    view_forget(self);
    forget_candidates(self);
    self->n_offspring = 0;
    self->free_offspring = OFFSPRING_NONE;
}

/* Puts the earliest of a bunch in the queue. */
static inline void queue_bunch(engine_t *self, const region_t *region, int site, int bunch) {
    int from = bunch * region->bunch_size, n = GSL_MIN(region->bunch_size, region->n_kinds - from), least = 0;
    uint32_t first = region->first + (uint32_t)(site * region->n_kinds + from);
    const double *next = self->next + first;
    double time = next[0];
    for (int k = 1; k < n; k++) {
        least = next[k] < time ? k : least;
        time = GSL_MIN(next[k], time);
    }
    uint32_t id = region->first_bunch + (uint32_t)(site * region->n_bunches + bunch);
    heap_set_as(self->bunches, id, first + (uint32_t)least, time);
}

void site_queue(engine_t *self, scope_t scope, int site) {
    const region_t *region = &self->regions[scope];
    for (int bunch = 0; bunch < region->n_bunches; bunch++) queue_bunch(self, region, site, bunch);
}

/* Puts down the earlier of its candidates; who calls puts its bunch in the queue. */
static inline void note_earlier(engine_t *self, const process_t *p) {
    self->next[process_id(self, p)] = GSL_MIN(p->low.time, p->high.time);
}

/* The time after which its points count: what would have been observed did not occur. */
static double points_after(const engine_t *self, const process_t *p) {
    const kind_state_t *kind = &self->kinds[p->kind];
    int tie = kind->scope == SCOPE_DIRECTED ? p->site / 2 : kind->scope == SCOPE_DYAD ? p->site : -1;
    return observed_excludes(self, p->kind, tie, self->now) ? self->model->as_of.complete : self->now;
}

/* The next point of strip 0; `number` as measure_next has it. */
static void look_low(engine_t *self, process_t *p, const measure_t *measure, uint32_t number) {
    if (is_empty(self, p) ||
        !measure_next(measure, 0, points_after(self, p), self->model->horizon, INFINITY, &p->low, &number))
        p->low = never;
    p->low_number = number <= UINT8_MAX ? (uint8_t)number : 0;
}

/* Searches the strips above 0 (all strips of a dormant process) for the first point below the bound, from
 * `known` on. */
static void look_high(engine_t *self, process_t *p, const measure_t *measure, double known, double bound) {
    if (known == 0) p->high = never;
    double until = GSL_MIN(GSL_MIN(p->low.time, p->high.time), self->model->horizon);
    double after = points_after(self, p);
    for (int strip = p->asleep ? 0 : 1; strip <= MEASURE_MAX_STRIP; strip++) {
        if (strip > 0 && bound <= measure_top(measure, strip - 1)) break;
        if (measure_top(measure, strip) <= known) continue;
        uint32_t number = 0;
        if (measure_next(measure, strip, after, until, bound, &p->high, &number)) until = p->high.time;
    }
}

/* log of the top of its strip 0 */
static inline double log_scale(const process_t *p) {
    return (double)p->scale * (M_LN2 / 4) + 9.7e-4; /* log(SCALE_ROOM) is more */
}

/* Updates the candidates for a bound of the log of its baseline rate. `risen`: candidates found for the
 * former bound stay valid. */
static void bind(engine_t *self, process_t *p, double log_bound, bool risen) {
    double log_season = self->kinds[p->kind].log_season, level = log_bound + log_season;
    if (level == -INFINITY) { /* nothing can happen until something raises it */
        p->low = p->high = never;
        p->asleep = true;
        p->log_ceiling = -INFINITY;
        process_make_room(self, p);
        note_earlier(self, p);
        return;
    }
    if (!(level < LOG_INTENSITY_MAX)) {
        self->stop = STOP_INTENSITY;
        return;
    }
    measure_t measure = measure_of(self, p);
    double room = level - log_scale(p);
    bool sleeps = room < LOG_SLEEP && !is_empty(self, p); /* which costs as little awake */
    if (sleeps)
        p->low = never;
    else if (p->asleep)
        look_low(self, p, &measure, 0);
    bool holds = risen && p->asleep == sleeps;
    p->asleep = sleeps;
    if (!sleeps && room < 0) { /* all that fits into strip 0 has been looked for */
        p->high = never;
        p->log_ceiling = (float)(log_scale(p) - log_season) - LOG_ROUNDING;
    } else {
        double known = holds ? elementary_exp((double)p->log_ceiling + log_season) : 0;
        look_high(self, p, &measure, known, exp_above(level + LOG_SLACK));
        p->log_ceiling = (float)(log_bound + LOG_SLACK) - LOG_ROUNDING;
    }
    process_make_room(self, p);
    note_earlier(self, p);
}

static bool bind_if_above(engine_t *self, process_t *p, double log_bound) {
    if (!(log_bound > (double)p->log_ceiling)) return false; /* what was found still holds */
    bind(self, p, log_bound, true);
    return true;
}

/* At most strength and alignment, as they are in view, add to the log of a rate that follows them so. */
__attribute__((always_inline)) static inline double bound_in_view(const view_t *view, double of_s,
                                                                  double of_b) {
    double s_low = of_s * view->s_least, s_high = of_s * view->s_most;
    double b_low = of_b * view->b_least, b_high = of_b * view->b_most;
    return GSL_MAX(s_low, s_high) + GSL_MAX(b_low, b_high);
}

/* What processes of a site side by side have: how they follow strength and alignment, at most what the other
 * statistics add, and their room. */
typedef struct {
    const double *of_s, *of_b, *others;
    const float *room;
} row_t;

enum { RISEN_MOST = 64 };

/* Which of the processes from `k` to before n may have risen: bit k. */
static inline uint64_t risen_of(int k, int n, const view_t *view, const row_t *row) {
    uint64_t risen = 0;
    for (; k < n; k++) {
        double bound = bound_in_view(view, row->of_s[k], row->of_b[k]) + row->others[k];
        risen |= (uint64_t)(bound > (double)row->room[k]) << k;
    }
    return risen;
}

#ifdef __x86_64__
__attribute__((target("avx2"))) static uint64_t risen_wide(int n, const view_t *view, const row_t *row) {
    const __m256d s_least = _mm256_set1_pd(view->s_least), s_most = _mm256_set1_pd(view->s_most),
                  b_least = _mm256_set1_pd(view->b_least), b_most = _mm256_set1_pd(view->b_most);
    uint64_t risen = 0;
    int k = 0;
    for (; k + 4 <= n; k += 4) {
        const __m256d of_s = _mm256_loadu_pd(row->of_s + k), of_b = _mm256_loadu_pd(row->of_b + k);
        const __m256d s = _mm256_max_pd(_mm256_mul_pd(of_s, s_least), _mm256_mul_pd(of_s, s_most)),
                      b = _mm256_max_pd(_mm256_mul_pd(of_b, b_least), _mm256_mul_pd(of_b, b_most));
        const __m256d bound = _mm256_add_pd(_mm256_add_pd(s, b), _mm256_loadu_pd(row->others + k)),
                      room = _mm256_cvtps_pd(_mm_loadu_ps(row->room + k));
        risen |= (uint64_t)_mm256_movemask_pd(_mm256_cmp_pd(bound, room, _CMP_GT_OQ)) << k;
    }
    return risen | risen_of(k, n, view, row);
}
#endif

static inline uint64_t which_risen(int n, const view_t *view, const row_t *row) {
#ifdef __x86_64__
    enum { FEW = 8 }; /* of which a wide loop costs more than it saves */
    if (n > FEW && __builtin_cpu_supports("avx2")) return risen_wide(n, view, row);
#endif
    return risen_of(0, n, view, row);
}

static bool bind_risen(engine_t *self, process_t *p, double in_view, double unknown) {
    uint32_t id = process_id(self, p);
    if (unknown > 0) self->others[id] = process_others(self, p, self->now);
    double lazy = in_view + self->others[id];
    return lazy > (double)self->room[id] && bind_if_above(self, p, p->log_rate + lazy);
}

/* Few have risen: a first pass checks all of them together. */
void site_bind(engine_t *self, scope_t scope, int site) {
    const region_t *region = &self->regions[scope];
    uint32_t first = region->first + (uint32_t)(site * region->n_kinds);
    const double *of_s = region->of_strength, *of_b = region->of_alignment,
                 *others = region->follows_others ? self->others + first : region->unknown;
    uint64_t bound = 0; /* bunches; those past the 64th share a bit */
    if (region->n_readers == 0) return;
    if (region->others_move) site_forget(self, scope, site);
    if (scope <= SCOPE_DYAD) process_view_take(self, scope == SCOPE_DIRECTED ? site / 2 : site, self->now);
    for (int from = 0; from < region->n_kinds; from += RISEN_MOST) {
        row_t row = {of_s + from, of_b + from, others + from, self->room + first + from};
        int n = GSL_MIN(region->n_kinds - from, RISEN_MOST);
        for (uint64_t risen = which_risen(n, &self->view, &row); risen; risen &= risen - 1) {
            int k = from + __builtin_ctzll(risen);
            process_t *p = &self->processes[first + (uint32_t)k];
            if (bind_risen(self, p, bound_in_view(&self->view, of_s[k], of_b[k]), region->unknown[k]))
                bound |= UINT64_C(1) << (self->kinds[p->kind].bunch & 63);
        }
    }
    for (int bunch = 0; bound && bunch < region->n_bunches; bunch++)
        if (bound >> (bunch & 63) & 1) queue_bunch(self, region, site, bunch);
}

void site_rebind(engine_t *self, scope_t scope, int site, bool rates) {
    const region_t *region = &self->regions[scope];
    uint32_t first = region->first + (uint32_t)(site * region->n_kinds);
    bool on_tie = scope <= SCOPE_DYAD;
    if (on_tie) process_view_take(self, scope == SCOPE_DIRECTED ? site / 2 : site, self->now);
    for (int k = 0; k < region->n_kinds; k++) {
        process_t *p = &self->processes[first + (uint32_t)k];
        if (rates) process_read_rate(self, p);
        if (!(p->log_rate > -INFINITY)) continue;
        double lazy =
            on_tie ? bound_in_view(&self->view, region->of_strength[k], region->of_alignment[k]) : 0;
        if (region->unknown[k] > 0)
            lazy += self->others[first + (uint32_t)k] = process_others(self, p, self->now);
        bind_if_above(self, p, p->log_rate + lazy);
    }
    site_queue(self, scope, site);
}

/* Its bound is in strip 0, and only a change of its rate moves it (which site_rebind follows). */
static inline bool stays_low(const kind_state_t *kind, const process_t *p) {
    bool follows = kind->n_lazy > 0 || kind->strength_coefficient != 0 || kind->alignment_coefficient != 0;
    return !follows && !p->asleep && (double)p->log_ceiling + kind->log_season <= log_scale(p);
}

void process_next(engine_t *self, process_t *p, bool high) {
    const kind_state_t *kind = &self->kinds[p->kind];
    if (!high) {
        measure_t measure = measure_of(self, p);
        look_low(self, p, &measure, p->low_number);
    }
    if (!high && stays_low(kind, p))
        note_earlier(self, p);
    else /* `high` was looked for up to this moment only */
        bind(self, p, process_log_bound(self, p, self->now), false);
    queue_bunch(self, &self->regions[kind->scope], p->site, kind->bunch);
}

void processes_bind_all(engine_t *self) {
    for (int scope = 0; scope < SCOPE_N; scope++)
        for (int site = 0; site < self->regions[scope].n_sites; site++)
            site_rebind(self, (scope_t)scope, site, false);
}

void processes_renew(engine_t *self) {
    forget_candidates(self);
    processes_bind_all(self);
}

void tie_changed(engine_t *self, int tie) {
    if (self->view.tie == tie) view_forget(self);
    sites_add(&self->dirty_ties, tie);
}

/* Invalidates what the processes at a site have stored of its counts, conditions and groups. */
void site_forget(engine_t *self, scope_t scope, int site) {
    const region_t *region = &self->regions[scope];
    double *others = self->others + region->first + (uint32_t)(site * region->n_kinds);
    memcpy(others, region->unknown, (size_t)region->n_kinds * sizeof *others);
}

void processes_forget_others(engine_t *self, scope_t scope) {
    for (int site = 0; site < self->regions[scope].n_sites; site++) site_forget(self, scope, site);
}

static void forget_others_of_tie(engine_t *self, int tie) {
    site_forget(self, SCOPE_DIRECTED, 2 * tie);
    site_forget(self, SCOPE_DIRECTED, 2 * tie + 1);
    site_forget(self, SCOPE_DYAD, tie);
}

void actor_changed(engine_t *self, int actor) {
    sites_add(&self->dirty_actors, actor);
    site_forget(self, SCOPE_ACTOR, actor);
    for (int j = 0; j < self->model->n_actors; j++) {
        int tie = j == actor ? -1 : model_tie(self->model, actor, j);
        if (tie < 0) continue;
        forget_others_of_tie(self, tie);
        tie_changed(self, tie);
    }
}

void count_changed(engine_t *self, int kind, int tie) {
    const kind_state_t *state = &self->kinds[kind];
    for (int n = 0; n < state->n_counted_by; n++) {
        int reader = state->counted_by[n], scope = self->kinds[reader].scope;
        if (scope > SCOPE_DYAD) continue;
        int n_sites = scope == SCOPE_DIRECTED ? 2 : 1;
        for (int s = 0; s < n_sites; s++)
            self->others[process_id(self, process_at(self, reader, n_sites * tie + s))] =
                self->regions[scope].unknown[self->kinds[reader].slot];
    }
    tie_changed(self, tie);
}

void condition_changed(engine_t *self, int condition, int site) {
    const condition_t *changed = &self->model->conditions[condition];
    if (changed->on_actor)
        actor_changed(self, site);
    else {
        forget_others_of_tie(self, condition_tie(changed, site));
        tie_changed(self, condition_tie(changed, site));
    }
}

void processes_bind_dirty_sites(engine_t *self) {
    for (int n = 0; n < self->dirty_ties.n; n++) {
        int tie = self->dirty_ties.list[n];
        site_bind(self, SCOPE_DIRECTED, 2 * tie);
        site_bind(self, SCOPE_DIRECTED, 2 * tie + 1);
        site_bind(self, SCOPE_DYAD, tie);
    }
    for (int n = 0; n < self->dirty_actors.n; n++) site_bind(self, SCOPE_ACTOR, self->dirty_actors.list[n]);
    sites_clear(&self->dirty_ties);
    sites_clear(&self->dirty_actors);
}
