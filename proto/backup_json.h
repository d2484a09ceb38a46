#ifndef TROUPE_PROTO_BACKUP_JSON_H
#define TROUPE_PROTO_BACKUP_JSON_H

/* How a BACKUP is told in JSON: by the gateway, and by the command line where no stack runs. */

#include "base/json_writer.h"
#include "proto/messages.h"

/* Writes it as an object. One with an error has failed; otherwise one that has not ended is
 * running. */
void backup_json_write(struct json_writer *writer, const struct message_backup *record);

#endif
