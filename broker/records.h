#ifndef TROUPE_BROKER_RECORDS_H
#define TROUPE_BROKER_RECORDS_H

/*
 * What stands in the store, in four parts: the keys, the values (with the recipe for changing a
 * format), a job's head, and the recorder that makes them from the core's effects. All pure.
 */

#include "broker/head.h"
#include "broker/keys.h"
#include "broker/recorder.h"
#include "broker/values.h"

#endif
