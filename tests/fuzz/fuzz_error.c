/* Errors of providers, by what they have in common: any bytes have a shape that fits, without
 * digits but those of codes, and without white space but blanks. */

#include <assert.h>
#include "broker/error_shape.h"
#include "tests/fuzz/fuzz.h"

enum {
    CODE_SIZE_MAX = 5,
};

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t shape[ERROR_SHAPE_SIZE_MAX];
    size = size < ERROR_TEXT_SIZE_MAX ? size : ERROR_TEXT_SIZE_MAX;
    size_t shape_size = error_shape_write(slice_make(data, size), shape);
    assert(shape_size <= ERROR_SHAPE_SIZE_MAX);
    for (size_t place = 0, digits = 0; place < shape_size; place++) {
        digits = is_digit(shape[place]) ? digits + 1 : 0;
        assert(digits <= CODE_SIZE_MAX);
        assert(shape[place] >= ' ');
    }
    return 0;
}
