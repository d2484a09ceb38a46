#ifndef TROUPE_TESTS_UNIT_TEST_H
#define TROUPE_TESTS_UNIT_TEST_H

/* What every unit test includes: cmocka (https://api.cmocka.org) with the headers it wants before
 * it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#endif
