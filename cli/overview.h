#ifndef TROUPE_CLI_OVERVIEW_H
#define TROUPE_CLI_OVERVIEW_H

/* The tables of queues and workers, from answers of the admin API. Pure. */

#include "cli/document.h"

struct overview_look {
    int columns; /* of the terminal; 0: as many as there are */
    bool colours;
    int64_t now_ms; /* ages are told */
};

/* Append a table of data.queues, on a terminal below what there is to say of the disk, and of
 * data.workers. Returns OK, TOO_LARGE or NO_MEMORY. */
enum status overview_draw_queues(const struct document *document, const struct overview_look *look,
                                 struct buffer *out);
enum status overview_draw_workers(const struct document *document, const struct overview_look *look,
                                  struct buffer *out);

#endif
