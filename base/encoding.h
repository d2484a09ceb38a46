#ifndef TROUPE_BASE_ENCODING_H
#define TROUPE_BASE_ENCODING_H

/* Hexadecimal and base64 (RFC 4648), both ways; SHA-256, HMAC-SHA256; UTF-8. Pure. */

#include "base/buffer.h"

/* Each appends the encoded form of data. Return OK, TOO_LARGE or NO_MEMORY, and MALFORMED where
 * bytes are decoded. */
enum status encode_hex(struct slice data, struct buffer *out);
enum status encode_base64(struct slice data, struct buffer *out);
enum status decode_base64(struct slice text, struct buffer *out);
/* The same as others write it: broken into lines, with blanks, with any padding or none, and
 * whatever stands in the bits that are left over. */
enum status decode_base64_lenient(struct slice text, struct buffer *out);
enum status encode_base64url(struct slice data, struct buffer *out); /* no padding */
enum status decode_base64url(struct slice text, struct buffer *out); /* padding refused */

/* Writes data in hexadecimal and a NUL: 2 * data.size + 1 bytes. */
void hex_write(struct slice data, char *out);

enum {
    SHA256_SIZE = 32,
};

void sha256(struct slice data, uint8_t out[SHA256_SIZE]);

/* HMAC-SHA256 (RFC 2104) of data. Returns OK or NO_MEMORY. */
enum status hmac_sha256(struct slice key, struct slice data, uint8_t out[SHA256_SIZE]);

/* SHA-256 of bytes that come in pieces. Embedded by its owner, zeroed before first use. */
struct sha256_stream {
    void *context; /* libcrypto's */
};

/* Returns OK or NO_MEMORY. */
enum status sha256_stream_init(struct sha256_stream *stream);
void sha256_stream_add(struct sha256_stream *stream, struct slice bytes);
void sha256_stream_finish(struct sha256_stream *stream, uint8_t out[SHA256_SIZE]);
/* Accepts a zeroed stream; may be called twice. */
void sha256_stream_fini(struct sha256_stream *stream);

/* Size of the UTF-8 sequence (RFC 3629) at the front of text, which is not empty; 0 when there is
 * none. */
size_t utf8_size(struct slice text);

/* Size of the character at the front of text, when it may act on a terminal that shows it: the
 * control characters of ISO 6429, C0 (U+0001 to U+001F), DEL and C1 (U+0080 to U+009F, of which
 * U+009B alone begins a sequence); and those of Unicode that end a line or show what follows in
 * another order (U+2028 to U+202E, U+2066 to U+2069; UAX #9). 0 for another one. */
size_t utf8_acting_size(struct slice text, uint32_t *code_out);

#endif
