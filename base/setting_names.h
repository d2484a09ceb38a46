#ifndef TROUPE_BASE_SETTING_NAMES_H
#define TROUPE_BASE_SETTING_NAMES_H

/*
 * The names of all settings of all programs, for what a variable may have been meant as. A variable
 * that is none is told of and stops nothing: an environment has others' too, and older and newer
 * programs'. tests/tidy.py compares the list with what the sources read. Pure but for the last.
 */

#include <stdbool.h>

/* NULL ends it. */
extern const char *const setting_names[];

/* Whether a variable, by its name and value, looks like a setting and is none. One without a value
 * is not set. *like: the setting that it is nearest to; NULL when it is near none. */
bool setting_is_unknown(const char *name, const char *value, const char **like);

typedef void setting_tell(void *context, const char *name, const char *like);

/* Calls tell for each of the process's variables that setting_is_unknown, with its name, which is
 * valid until it returns. */
void settings_unknown_tell(setting_tell *tell, void *context);

/* Logs a warning for each of them, but for one that is near no setting and ends as keys do: a
 * providers file may name it (keyEnv), and who has not read that cannot tell. */
void settings_unknown_log(void);

#endif
