#ifndef TROUPE_ACTORS_TEXT_H
#define TROUPE_ACTORS_TEXT_H

#include "base/slice.h"

/* Cleans text of others (providers' messages) for logs, records and documents. Pure. */

/* Copies text into out, cut to fit size with its NUL. Control characters become spaces, bytes
 * that are not UTF-8 become question marks; a character is never cut in two. Returns the length. */
size_t text_clean(struct slice text, char *out, size_t size);

/* Replaces every copy of secret in text (NUL terminated) by asterisks. A NULL or empty secret is
 * fine. */
void text_hide(char *text, const char *secret);

/* Replaces what looks like a credential of anybody's by asterisks: the query of an address, which
 * may be signed, what follows "Bearer", and keys that begin with "sk-". */
void text_hide_credentials(char *text);

/* Text of others as it may be told: cleaned, without secret (may be NULL) and what looks like a
 * credential, and cut to fit size, ERROR_TEXT_SIZE_MAX + 1 at most, with its NUL. */
void text_tell(struct slice text, const char *secret, char *out, size_t size);

/* Likewise, of a text that is an address, or a path: without user, query and fragment; and scheme
 * and host alone, if any, where the path may have a credential in it, however it is encoded:
 * secret, or what names or delimits one (@ ? # =). */
void text_tell_address(struct slice address, const char *secret, char *out, size_t size);

#endif
