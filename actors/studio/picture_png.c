#include <png.h>
#include <stdlib.h>

#include "actors/studio/picture.h"

enum {
    COMPRESSION = 3,      /* a third of the time of zlib's default for a twentieth more bytes */
    CHUNK_COUNT_MAX = 64, /* chunks looked through for a text: ours is the third */
};

struct writing {
    struct buffer *out;
    enum status status;
};

static void on_write(png_structp png, png_bytep data, size_t size)
{
    struct writing *writing = png_get_io_ptr(png);
    writing->status = buffer_append(writing->out, data, size);
    if (writing->status != STATUS_OK) {
        png_error(png, "buffer full");
    }
}

static void on_flush(png_structp png)
{
    (void)png;
}

static void on_warning(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static void on_error(png_structp png, png_const_charp message)
{
    (void)message;
    png_longjmp(png, 1);
}

static void write_rows(png_structp png, const struct pixels *pixels, uint8_t *row)
{
    for (int y = 0; y < pixels->height; y++) {
        const uint32_t *line = pixels->data + (ptrdiff_t)y * pixels->width;
        for (int x = 0; x < pixels->width; x++) {
            row[3 * x] = (uint8_t)(line[x] >> 16);
            row[3 * x + 1] = (uint8_t)(line[x] >> 8);
            row[3 * x + 2] = (uint8_t)line[x];
        }
        png_write_row(png, row);
    }
}

static void write_all(png_structp png, png_infop info, const struct pixels *pixels,
                      const char *keyword, const char *text, uint8_t *row)
{
    png_set_compression_level(png, COMPRESSION);
    png_set_filter(png, 0, PNG_FILTER_SUB | PNG_FILTER_UP);
    png_set_IHDR(png, info, (png_uint_32)pixels->width, (png_uint_32)pixels->height, 8,
                 PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_set_sRGB(png, info, PNG_sRGB_INTENT_PERCEPTUAL);
    if (text != NULL) {
        char *key = (char *)(uintptr_t)keyword; /* libpng copies both and takes them as not const */
        png_text chunk = {
            .compression = PNG_TEXT_COMPRESSION_NONE, .key = key, .text = (char *)(uintptr_t)text};
        png_set_text(png, info, &chunk, 1);
    }
    png_write_info(png, info);
    write_rows(png, pixels, row);
    png_write_end(png, NULL);
}

enum status picture_write(const struct pixels *pixels, const char *keyword, const char *text,
                          struct buffer *out)
{
    struct writing writing = {.out = out, .status = STATUS_NO_MEMORY};
    uint8_t *row = malloc((size_t)pixels->width * 3);
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, on_error, on_warning);
    png_infop info = png == NULL ? NULL : png_create_info_struct(png);
    if (row == NULL || info == NULL) {
        png_destroy_write_struct(&png, &info);
        free(row);
        return STATUS_NO_MEMORY;
    }
    if (setjmp(png_jmpbuf(png)) == 0) {
        png_set_write_fn(png, &writing, on_write, on_flush);
        write_all(png, info, pixels, keyword, text, row);
        writing.status = STATUS_OK;
    } else if (writing.status == STATUS_OK) {
        writing.status = STATUS_NO_MEMORY;
    }
    png_destroy_write_struct(&png, &info);
    free(row);
    return writing.status;
}

static size_t read_size(const uint8_t *at)
{
    return (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
}

enum status picture_text(struct slice file, const char *keyword, char *out, size_t size)
{
    static const uint8_t SIGNATURE[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    size_t keyword_size = strlen(keyword) + 1; /* its NUL parts it from the text */
    if (file.size < sizeof SIGNATURE || memcmp(file.data, SIGNATURE, sizeof SIGNATURE) != 0) {
        return STATUS_NOT_FOUND;
    }
    size_t at = sizeof SIGNATURE;
    for (int chunk = 0; chunk < CHUNK_COUNT_MAX && file.size - at >= 12; chunk++) {
        size_t data_size = read_size(file.data + at);
        if (data_size > file.size - at - 12) {
            return STATUS_NOT_FOUND;
        }
        const uint8_t *data = file.data + at + 8;
        if (memcmp(file.data + at + 4, "tEXt", 4) == 0 && data_size >= keyword_size &&
            memcmp(data, keyword, keyword_size) == 0) {
            size_t text_size = data_size - keyword_size;
            text_size = text_size < size ? text_size : size - 1;
            memcpy(out, data + keyword_size, text_size);
            out[text_size] = '\0';
            return STATUS_OK;
        }
        at += 12 + data_size;
    }
    return STATUS_NOT_FOUND;
}
