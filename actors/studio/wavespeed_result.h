#ifndef TROUPE_ACTORS_STUDIO_WAVESPEED_RESULT_H
#define TROUPE_ACTORS_STUDIO_WAVESPEED_RESULT_H

/* The vendor's envelope {"code", "message", "data"}. Part of wavespeed.h. */

#include "actors/studio/exchange.h"
#include "base/json_writer.h"

/* Opens the envelope and its data object; the caller writes members, then calls
 * wavespeed_data_end, which finishes the exchange, with an error when anything did not fit. */
void wavespeed_data_begin(struct exchange *exchange, struct json_writer *writer);
void wavespeed_data_end(struct exchange *exchange, struct json_writer *writer);

/* Writes the members of a prediction into an open object: as it is now, or as it was when it was
 * made. */
void wavespeed_write_task(struct exchange *exchange, struct json_writer *writer, struct task *task,
                          bool fresh);

/* Answers with a prediction as it is now, or as it was when it was made (a submit says
 * "created"), and finishes the exchange. */
void wavespeed_answer_task(struct exchange *exchange, struct task *task, bool fresh);

#endif
