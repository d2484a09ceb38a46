#ifndef TROUPE_ACTORS_STUDIO_PICTURE_H
#define TROUPE_ACTORS_STUDIO_PICTURE_H

/*
 * Picture files: writes PNG (ISO/IEC 15948, picture_png.c with libpng), reads what people upload
 * (picture_decode.c with libav). No I/O; files are bytes in memory.
 */

#include "actors/studio/pixels.h"
#include "base/buffer.h"

enum {
    PICTURE_SIZE_MAX = 16 * 1024 * 1024, /* bytes: a picture of PORTRAIT_SIDE needs a tenth of it */
};

/* Appends an opaque picture as an 8-bit RGB file, with text (NUL terminated, Latin-1, may be
 * NULL) as a tEXt chunk under keyword. The same pixels give the same bytes. Returns OK,
 * TOO_LARGE or NO_MEMORY. */
enum status picture_write(const struct pixels *pixels, const char *keyword, const char *text,
                          struct buffer *out);

/* Finds the text under keyword in a PNG file and copies at most size - 1 bytes and a NUL. Trusts
 * nothing in the file. Returns OK, or NOT_FOUND (also when it is no PNG). */
enum status picture_text(struct slice file, const char *keyword, char *out, size_t size);

enum picture_type {
    PICTURE_UNKNOWN,
    PICTURE_PNG,
    PICTURE_JPEG,
    PICTURE_WEBP,
    PICTURE_GIF,
    PICTURE_BMP,
};

/* What the first bytes say the file is. */
enum picture_type picture_type_of(struct slice file);

/* The media type ("image/png") and the file name's ending ("png"); PICTURE_UNKNOWN is
 * application/octet-stream, bin. */
const char *picture_media_type(enum picture_type type);
const char *picture_ending(enum picture_type type);

/* Decodes the first frame into out, made opaque on white; the caller frees it with pixels_fini,
 * on success only. Returns OK, UNSUPPORTED (no known type), MALFORMED, TOO_LARGE
 * (PIXELS_SIDE_MAX a side) or NO_MEMORY. Takes time in proportion to the picture: call it away
 * from any event loop. */
enum status picture_decode(struct slice file, struct pixels *out);

#endif
