#ifndef TROUPE_GATEWAY_DELIVERIES_H
#define TROUPE_GATEWAY_DELIVERIES_H

/* Handlers of the log of the deliveries of a webhook, or of a job's own, and of the replay of one.
 */

#include "gateway/router.h"

route_handler deliveries_list;
route_handler deliveries_replay;
route_handler deliveries_list_character_job;
route_handler deliveries_replay_character_job;
route_handler deliveries_list_media_job;
route_handler deliveries_replay_media_job;

#endif
