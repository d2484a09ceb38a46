/* Errors of providers, by what they have in common: any bytes have a shape that fits, without
 * digits, and without white space but blanks. */

#include <assert.h>
#include "broker/error_shape.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t shape[ERROR_SHAPE_SIZE_MAX];
    size = size < ERROR_TEXT_SIZE_MAX ? size : ERROR_TEXT_SIZE_MAX;
    size_t shape_size = error_shape_write(slice_make(data, size), shape);
    assert(shape_size <= ERROR_SHAPE_SIZE_MAX);
    for (size_t place = 0; place < shape_size; place++) {
        assert(shape[place] < '0' || shape[place] > '9');
        assert(shape[place] >= ' ');
    }
    return 0;
}
