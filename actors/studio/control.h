#ifndef TROUPE_ACTORS_STUDIO_CONTROL_H
#define TROUPE_ACTORS_STUDIO_CONTROL_H

/* The studio's own endpoints: health, faults, ledger. */

#include "actors/studio/exchange.h"

void control_health(struct exchange *exchange);
void control_faults_read(struct exchange *exchange);
void control_faults_write(struct exchange *exchange);
void control_faults_clear(struct exchange *exchange);
void control_ledger_read(struct exchange *exchange);
void control_ledger_clear(struct exchange *exchange);

#endif
