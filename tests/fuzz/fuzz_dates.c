/* Dates of scenarios and of events, and what is written of them. */
#include "base/date.h"
#include "fuzz/fuzz.h"
#include "observed/events_date.h"
#include <math.h>

static void read_date(const char *text) {
    double days, again;
    bool has_time;
    char day[32], written[32];
    if (!date_parse(text, &days, &has_time)) return;
    fuzz_need(isfinite(days), "a date is finite");
    date_format(days, day);
    date_format_minute(days, written);
    date_format_moment(days, written);
    fuzz_need(date_parse(day, &again, NULL) && again == floor(days + 1e-7),
              "a date is read as it is written");
}

static void read_moment(const char *text) {
    for (int order = 0; order < ORDER_N; order++) {
        moment_t moment;
        if (moment_parse(text, (date_order_t)order, &moment) != MOMENT_READ) continue;
        fuzz_need(isfinite(moment.time) && moment.n_days >= 1, "a moment has a day");
        double drawn = moment_draw(&moment, 1, &text);
        fuzz_need(drawn >= moment.day && drawn < moment.day + moment.n_days,
                  "a day is drawn of those it may be");
    }
}

static void write_any(double days) {
    char text[32];
    int year, month, day;
    date_format(days, text);
    date_format_minute(days, text);
    date_format_second(days, text);
    if (!(fabs(days) < 1e12)) return;
    date_civil(days, &year, &month, &day);
    int weekday = date_weekday(days);
    fuzz_need(weekday >= 0 && weekday <= 6 && month >= 1 && month <= 12 && day >= 1 && day <= 31,
              "a day is one of the calendar");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    double days;
    char *text = fuzz_text(bytes, n);
    read_date(text);
    read_moment(text);
    if (n >= sizeof days) {
        memcpy(&days, bytes, sizeof days);
        write_any(days);
    }
    free(text);
    return 0;
}
