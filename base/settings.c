#include "base/settings.h"

#include <inttypes.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "base/address.h"
#include "base/log.h"

const char *settings_text(const char *name, const char *otherwise)
{
    const char *value = getenv(name);
    return value == NULL || value[0] == '\0' ? otherwise : value;
}

enum status settings_log(const char *program)
{
    enum log_level level = LOG_INFO;
    enum log_form form = LOG_FORM_LOGFMT;
    const char *level_text = settings_text("TROUPE_LOG_LEVEL", "info");
    const char *form_text = settings_text("TROUPE_LOG_FORMAT", "logfmt");
    bool form_known = log_form_parse(form_text, &form);
    bool level_known = log_level_parse(level_text, &level);
    log_init(program, level);
    log_set_form(form);
    log_follow_signal();
    if (!form_known) {
        log_error("bad setting", "name=TROUPE_LOG_FORMAT value=\"%s\" need=\"logfmt or json\"",
                  form_text);
    }
    if (!level_known) {
        log_error("bad setting",
                  "name=TROUPE_LOG_LEVEL value=\"%s\" need=\"debug, info, warn or error\"",
                  level_text);
    }
    return form_known && level_known ? STATUS_OK : STATUS_INVALID;
}

bool settings_number(const char *value, int64_t min, int64_t max, int64_t *out)
{
    char *end = NULL;
    errno = 0;
    long long number = strtoll(value, &end, 10);
    bool digits = (value[0] >= '0' && value[0] <= '9') || (value[0] == '-' && value[1] >= '0');
    if (!digits || *end != '\0' || errno != 0 || number < min || number > max) {
        return false;
    }
    *out = number;
    return true;
}

enum status settings_parse_integer(const char *what, const char *value, int64_t min, int64_t max,
                                   int64_t *out)
{
    if (!settings_number(value, min, max, out)) {
        log_error("bad setting",
                  "name=%s value=\"%s\" need=\"a whole number from %" PRId64 " to %" PRId64 "\"",
                  what, value, min, max);
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

enum status settings_integer(const char *name, int64_t min, int64_t max, int64_t otherwise,
                             int64_t *out)
{
    const char *value = settings_text(name, NULL);
    if (value == NULL) {
        *out = otherwise;
        return STATUS_OK;
    }
    return settings_parse_integer(name, value, min, max, out);
}

/* The milliseconds of a unit; 0 for a word that is none. */
static int64_t unit_ms(const char *unit)
{
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
    for (size_t index = 0; index < sizeof units / sizeof units[0]; index++) {
        if (strcmp(unit, units[index].unit) == 0) {
            return units[index].ms;
        }
    }
    return 0;
}

enum status settings_duration(const char *name, int64_t min_ms, int64_t max_ms,
                              int64_t otherwise_ms, int64_t *out_ms)
{
    char *unit = NULL;
    const char *value = settings_text(name, NULL);
    if (value == NULL) {
        *out_ms = otherwise_ms;
        return STATUS_OK;
    }
    errno = 0;
    long long number = strtoll(value, &unit, 10);
    bool digits = value[0] >= '0' && value[0] <= '9' && errno == 0;
    int64_t ms = unit_ms(unit);
    if (!digits || ms == 0 || number > max_ms / ms || number * ms < min_ms) {
        log_error("bad setting",
                  "name=%s value=\"%s\" need=\"a whole number and ms, s, m, h or d, from %" PRId64
                  "ms to %" PRId64 "ms\"",
                  name, value, min_ms, max_ms);
        return STATUS_INVALID;
    }
    *out_ms = number * ms;
    return STATUS_OK;
}

enum status settings_flag(const char *name, bool otherwise, bool *out)
{
    static const char *const yes[] = {"on", "true", "yes", "1"};
    static const char *const no[] = {"off", "false", "no", "0"};
    const char *value = settings_text(name, NULL);
    if (value == NULL) {
        *out = otherwise;
        return STATUS_OK;
    }
    for (int index = 0; index < 4; index++) {
        if (strcasecmp(value, yes[index]) == 0 || strcasecmp(value, no[index]) == 0) {
            *out = strcasecmp(value, yes[index]) == 0;
            return STATUS_OK;
        }
    }
    log_error("bad setting", "name=%s value=\"%s\" need=\"on or off\"", name, value);
    return STATUS_INVALID;
}

enum status settings_endpoint(const char *name, const char **out)
{
    *out = settings_text(name, NULL);
    if (*out == NULL) {
        log_error("a setting is missing", "name=%s", name);
        return STATUS_INVALID;
    }
    const char *problem = address_problem(*out);
    if (problem != NULL) {
        log_error("bad setting", "name=%s value=\"%s\" problem=\"%s\"", name, *out, problem);
        return STATUS_INVALID;
    }
    return STATUS_OK;
}
