#include "gateway/routes.h"

#include "gateway/admin_history.h"
#include "gateway/admin_job.h"
#include "gateway/admin_jobs.h"
#include "gateway/assets.h"
#include "gateway/audit.h"
#include "gateway/backups.h"
#include "gateway/batch.h"
#include "gateway/bulks.h"
#include "gateway/create.h"
#include "gateway/deliveries.h"
#include "gateway/deletions.h"
#include "gateway/document_list.h"
#include "gateway/documents.h"
#include "gateway/events.h"
#include "gateway/failures.h"
#include "gateway/groups.h"
#include "gateway/health.h"
#include "gateway/insight.h"
#include "gateway/job_change.h"
#include "gateway/job_duplicate.h"
#include "gateway/job_export.h"
#include "gateway/job_list.h"
#include "gateway/job_manage.h"
#include "gateway/jobs.h"
#include "gateway/login.h"
#include "gateway/metrics.h"
#include "gateway/pipeline.h"
#include "gateway/poses.h"
#include "gateway/queues.h"
#include "gateway/submit.h"
#include "gateway/system.h"
#include "gateway/usage.h"
#include "gateway/watch.h"
#include "gateway/webhooks.h"
#include "gateway/workers.h"
#include "gateway/www.h"

/* The busiest first. */
static const struct route ROUTES[] = {
    {"GET", "/api/v1/character-jobs/:jobId", jobs_get_character, ROUTE_AUTH_BEARER},
    {"GET", "/api/v1/media-jobs/:jobId", jobs_get_media, ROUTE_AUTH_BEARER},
    {"POST", "/api/v1/characters/queue", submit_character, ROUTE_AUTH_BEARER},
    {"POST", "/api/v1/characters/:id/generate-image/queue", submit_image, ROUTE_AUTH_BEARER},
    {"POST", "/api/v1/characters/:id/media/:mediaId/generate-video/queue", submit_video,
     ROUTE_AUTH_BEARER},
    {"GET", "/assets/*", assets_get, ROUTE_AUTH_ASSET},
    {"GET", "/api/v1/character-jobs/:jobId/events", events_character, ROUTE_AUTH_BEARER},
    {"GET", "/api/v1/media-jobs/:jobId/events", events_media, ROUTE_AUTH_BEARER},
    {"GET", "/api/v1/events", events_owner, ROUTE_AUTH_BEARER},
    {"GET", "/api/v1/character-jobs", job_list_character, ROUTE_AUTH_BEARER},
    {"GET", "/api/v1/media-jobs", job_list_media, ROUTE_AUTH_BEARER},
    {"DELETE", "/api/v1/character-jobs/:jobId", job_cancel_character, ROUTE_AUTH_BEARER},
    {"DELETE", "/api/v1/media-jobs/:jobId", job_cancel_media, ROUTE_AUTH_BEARER},
    {"POST", "/api/v1/character-jobs/:jobId/retry", job_retry_character, ROUTE_AUTH_BEARER},
    {"POST", "/api/v1/media-jobs/:jobId/retry", job_retry_media, ROUTE_AUTH_BEARER},
    {"GET", "/api/v1/characters", document_list_characters, ROUTE_AUTH_BEARER},
    {"GET", "/api/v1/characters/:id/media", document_list_media, ROUTE_AUTH_BEARER},
    {"POST", "/api/v1/batches", batch_post, ROUTE_AUTH_BEARER_LARGE},
    {"GET", "/api/v1/batches/:batchId", groups_get_batch, ROUTE_AUTH_BEARER},
    {"GET", "/api/v1/batches/:batchId/jobs", job_list_batch, ROUTE_AUTH_BEARER},
    {"GET", "/api/v1/batches/:batchId/events", groups_events_batch, ROUTE_AUTH_BEARER},
    {"DELETE", "/api/v1/batches/:batchId", groups_cancel_batch, ROUTE_AUTH_BEARER},
    {"POST", "/api/v1/pipelines", pipeline_post, ROUTE_AUTH_BEARER_LARGE},
    {"GET", "/api/v1/pipelines/:pipelineId", groups_get_pipeline, ROUTE_AUTH_BEARER},
    {"GET", "/api/v1/pipelines/:pipelineId/events", groups_events_pipeline, ROUTE_AUTH_BEARER},
    {"DELETE", "/api/v1/pipelines/:pipelineId", groups_cancel_pipeline, ROUTE_AUTH_BEARER},
    {"POST", "/api/v1/characters", create_character, ROUTE_AUTH_BEARER},
    {"GET", "/api/v1/characters/:id", documents_get_character, ROUTE_AUTH_BEARER},
    {"GET", "/api/v1/characters/:id/media/:mediaId", documents_get_media, ROUTE_AUTH_BEARER},
    {"DELETE", "/api/v1/characters/:id", deletions_character, ROUTE_AUTH_BEARER},
    {"DELETE", "/api/v1/characters/:id/media/:mediaId", deletions_media, ROUTE_AUTH_BEARER},
    {"GET", "/api/v1/poses", poses_get, ROUTE_AUTH_BEARER},
    {"POST", "/api/v1/webhooks", webhooks_create, ROUTE_AUTH_BEARER},
    {"GET", "/api/v1/webhooks", webhooks_list, ROUTE_AUTH_BEARER},
    {"GET", "/api/v1/webhooks/:webhookId", webhooks_get, ROUTE_AUTH_BEARER},
    {"PATCH", "/api/v1/webhooks/:webhookId", webhooks_change, ROUTE_AUTH_BEARER},
    {"DELETE", "/api/v1/webhooks/:webhookId", webhooks_delete, ROUTE_AUTH_BEARER},
    {"GET", "/api/v1/webhooks/:webhookId/secret", webhooks_get_secret, ROUTE_AUTH_BEARER},
    {"POST", "/api/v1/webhooks/:webhookId/rotate-secret", webhooks_rotate_secret,
     ROUTE_AUTH_BEARER},
    {"GET", "/api/v1/webhooks/:webhookId/deliveries", deliveries_list, ROUTE_AUTH_BEARER},
    {"POST", "/api/v1/webhooks/:webhookId/deliveries/:deliveryId/replay", deliveries_replay,
     ROUTE_AUTH_BEARER},
    {"GET", "/api/v1/character-jobs/:jobId/deliveries", deliveries_list_character_job,
     ROUTE_AUTH_BEARER},
    {"POST", "/api/v1/character-jobs/:jobId/deliveries/:deliveryId/replay",
     deliveries_replay_character_job, ROUTE_AUTH_BEARER},
    {"GET", "/api/v1/media-jobs/:jobId/deliveries", deliveries_list_media_job, ROUTE_AUTH_BEARER},
    {"POST", "/api/v1/media-jobs/:jobId/deliveries/:deliveryId/replay", deliveries_replay_media_job,
     ROUTE_AUTH_BEARER},
    {"GET", "/api/v1/admin/queues", queues_get, ROUTE_AUTH_VIEWER},
    {"POST", "/api/v1/admin/queues/:queue/pause", queues_pause, ROUTE_AUTH_ADMIN},
    {"POST", "/api/v1/admin/queues/:queue/resume", queues_resume, ROUTE_AUTH_ADMIN},
    {"GET", "/api/v1/admin/workers", workers_get, ROUTE_AUTH_VIEWER},
    {"POST", "/api/v1/admin/workers/:workerId/drain", workers_drain, ROUTE_AUTH_ADMIN},
    {"POST", "/api/v1/admin/workers/:workerId/undrain", workers_undrain, ROUTE_AUTH_ADMIN},
    {"POST", "/api/v1/admin/workers/:workerId/stop", workers_stop, ROUTE_AUTH_ADMIN},
    {"GET", "/api/v1/admin/events", watch_open, ROUTE_AUTH_VIEWER},
    {"GET", "/api/v1/admin/session", login_get, ROUTE_AUTH_VIEWER},
    {"POST", "/admin/login", login_post, ROUTE_AUTH_NONE},
    {"POST", "/admin/logout", login_end, ROUTE_AUTH_NONE},
    {"POST", "/api/v1/admin/backups", backups_make, ROUTE_AUTH_ADMIN},
    {"GET", "/api/v1/admin/backups", backups_list, ROUTE_AUTH_VIEWER},
    {"GET", "/api/v1/version", health_version, ROUTE_AUTH_BEARER},
    {"GET", "/api/v1/admin/audit", audit_list, ROUTE_AUTH_VIEWER},
    {"GET", "/api/v1/admin/system", system_get, ROUTE_AUTH_VIEWER},
    {"GET", "/api/v1/admin/users", insight_users, ROUTE_AUTH_VIEWER},
    {"GET", "/api/v1/admin/providers", insight_providers, ROUTE_AUTH_VIEWER},
    {"GET", "/api/v1/admin/failures", failures_get, ROUTE_AUTH_VIEWER},
    {"GET", "/api/v1/admin/history", admin_history_get, ROUTE_AUTH_VIEWER},
    {"GET", "/api/v1/usage", usage_get, ROUTE_AUTH_BEARER},
    {"GET", "/api/v1/admin/usage", usage_get_any, ROUTE_AUTH_VIEWER},
    {"GET", "/api/v1/admin/groups/:groupId", groups_get_any, ROUTE_AUTH_VIEWER},
    {"GET", "/api/v1/admin/jobs", admin_jobs_search, ROUTE_AUTH_VIEWER},
    {"GET", "/api/v1/admin/jobs.ndjson", job_export_ndjson, ROUTE_AUTH_VIEWER},
    {"GET", "/api/v1/admin/jobs.csv", job_export_csv, ROUTE_AUTH_VIEWER},
    {"GET", "/api/v1/admin/jobs/:jobId", admin_job_get, ROUTE_AUTH_VIEWER},
    {"POST", "/api/v1/admin/jobs/:jobId/cancel", job_cancel_any, ROUTE_AUTH_ADMIN},
    {"POST", "/api/v1/admin/jobs/:jobId/retry", job_retry_any, ROUTE_AUTH_ADMIN},
    {"POST", "/api/v1/admin/jobs/:jobId/duplicate", job_duplicate, ROUTE_AUTH_ADMIN},
    {"POST", "/api/v1/admin/jobs/:jobId/promote", job_promote, ROUTE_AUTH_ADMIN},
    {"POST", "/api/v1/admin/jobs/:jobId/priority", job_set_priority, ROUTE_AUTH_ADMIN},
    {"DELETE", "/api/v1/admin/jobs/:jobId", job_remove, ROUTE_AUTH_ADMIN},
    {"POST", "/api/v1/admin/operations", bulks_start, ROUTE_AUTH_ADMIN},
    {"GET", "/api/v1/admin/operations", bulks_list, ROUTE_AUTH_VIEWER},
    {"GET", "/api/v1/admin/operations/:operationId", bulks_get, ROUTE_AUTH_VIEWER},
    {"DELETE", "/api/v1/admin/operations/:operationId", bulks_stop, ROUTE_AUTH_ADMIN},
    {"GET", "/healthz", health_live, ROUTE_AUTH_NONE},
    {"GET", "/readyz", health_ready, ROUTE_AUTH_NONE},
    {"GET", "/metrics", metrics_get, ROUTE_AUTH_NONE},
    {"GET", "/openapi.json", www_get, ROUTE_AUTH_NONE},
    {"GET", "/docs", www_get, ROUTE_AUTH_NONE},
    {"GET", "/docs.css", www_get, ROUTE_AUTH_NONE},
    {"GET", "/docs.js", www_get, ROUTE_AUTH_NONE},
    {"GET", "/admin", www_get_admin, ROUTE_AUTH_NONE},
    {"GET", "/admin/", www_get_admin_slash, ROUTE_AUTH_NONE},
    {"GET", "/admin/queues/", www_get_admin_slash, ROUTE_AUTH_NONE},
    {"GET", "/admin/queues", www_get_admin_page, ROUTE_AUTH_NONE},
    {"GET", "/admin/queues/*", www_get_admin_page, ROUTE_AUTH_NONE},
    {"GET", "/admin/*", www_get_admin_file, ROUTE_AUTH_NONE},
};

const struct route *routes_all(size_t *count)
{
    *count = sizeof(ROUTES) / sizeof(ROUTES[0]);
    return ROUTES;
}

enum router_result routes_find(struct slice method, struct slice path, struct route_match *out)
{
    return router_find(ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]), method, path, out);
}
