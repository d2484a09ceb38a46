#include "broker/query.h"

#include "broker/keys.h"
#include "broker/query_job.h"

/* What a look at all jobs of a group comes to. Those that are kept no longer do not count, nor do
 * damaged ones. */
struct tally {
    uint16_t kept[GROUP_JOBS_MAX]; /* places of the others in the group */
    uint32_t kept_count;
    uint32_t counts[JOB_STATE_COUNT];
    uint32_t progress; /* sum; a job that has ended counts as whole */
    uint64_t version;
    int64_t completed_at;
    bool started;
};

enum status query_group_record(struct view *view, const struct id *group, struct buffer *buffer,
                               struct group_value *out)
{
    uint8_t key[KEY_BYTES_MAX];
    enum status status = view->methods->get(view, key_group(key, group), buffer);
    return status == STATUS_OK ? group_value_read(buffer_slice(buffer), out) : status;
}

static void count_job(struct tally *tally, const struct job *head)
{
    bool has_ended = job_state_is_terminal((enum job_state)head->state);
    tally->counts[head->state]++;
    tally->version += head->version;
    tally->progress += has_ended ? 100 : head->progress;
    tally->started |= has_ended || head->started_at != 0;
    if (head->completed_at > tally->completed_at) {
        tally->completed_at = head->completed_at;
    }
}

static enum status count_jobs(struct view *view, const struct group_value *group,
                              struct buffer *buffer, struct tally *tally)
{
    struct job_value value;
    enum status status = STATUS_OK;
    for (uint32_t index = 0; index < group_value_count(group) && status == STATUS_OK; index++) {
        const struct id job = group_value_job(group, index);
        status = query_record(view, &job, buffer, &value);
        if (status == STATUS_OK) {
            tally->kept[tally->kept_count++] = (uint16_t)index;
            count_job(tally, &value.head);
        } else if (status == STATUS_MALFORMED) {
            view_note_record(view, &job);
        }
        status = query_is_damage(status) ? STATUS_OK : status;
    }
    return status;
}

static void fill_state(const struct message_get_group *request, const struct group_value *group,
                       const struct tally *tally, struct message_group_state *out)
{
    const uint32_t *counts = tally->counts;
    uint32_t total = tally->kept_count;
    bool has_ended =
        counts[JOB_STATE_COMPLETED] + counts[JOB_STATE_FAILED] + counts[JOB_STATE_CANCELLED] ==
        total;
    *out = (struct message_group_state){
        .request = request->request,
        .code = REPLY_CODE_OK,
        .group = request->group,
        .version = tally->version,
        .owner = group->owner,
        .kind = group->kind,
        .created_at = group->created_at,
        .completed_at = has_ended ? tally->completed_at : 0,
        .progress = (uint8_t)(total == 0 ? 0 : tally->progress / total),
        .total = total,
        .pending = counts[JOB_STATE_PENDING],
        .waiting = counts[JOB_STATE_WAITING],
        .active = counts[JOB_STATE_ACTIVE],
        .completed = counts[JOB_STATE_COMPLETED],
        .failed = counts[JOB_STATE_FAILED],
        .cancelled = counts[JOB_STATE_CANCELLED],
        .started = tally->started,
    };
}

/* Writes some of the jobs, as far as they can be read. */
static enum status write_jobs(struct view *view, const struct group_value *group,
                              const struct tally *tally, const struct message_get_group *request,
                              const struct retention *retention, struct frame_writer *out,
                              uint32_t *count)
{
    struct buffer buffer;
    struct job_value value;
    struct character_memo memo;
    enum status status = STATUS_OK;
    uint32_t left = request->skip < tally->kept_count ? tally->kept_count - request->skip : 0;
    uint32_t end = request->skip + (left < request->limit ? left : request->limit);
    buffer_init(&buffer, VALUE_SIZE_MAX);
    character_memo_init(&memo);
    for (uint32_t index = request->skip; index < end && status == STATUS_OK; index++) {
        const struct id job = group_value_job(group, tally->kept[index]);
        status = query_record(view, &job, &buffer, &value);
        if (status == STATUS_OK) {
            status = job_state_write(view, &value, 0, retention, &memo, out);
        }
        *count += status == STATUS_OK;
        if (query_is_damage(status)) {
            view_note_record(view, &job);
            status = STATUS_OK;
        }
    }
    character_memo_fini(&memo);
    buffer_fini(&buffer);
    return status;
}

static enum status refuse(const struct message_get_group *request, enum reply_code code,
                          struct slice owner, struct frame_writer *out)
{
    const struct message message = {
        .type = MESSAGE_TYPE_GROUP_STATE,
        .group_state = {.request = request->request,
                        .code = (uint8_t)code,
                        .group = request->group,
                        .owner = owner},
    };
    return frame_write(out, &message);
}

static enum status write_group(struct view *view, const struct message_get_group *request,
                               const struct group_value *group, const struct retention *retention,
                               struct frame_writer *out)
{
    struct buffer buffer;
    struct frame_writer jobs;
    struct tally tally = {0};
    struct message message = {.type = MESSAGE_TYPE_GROUP_STATE};
    buffer_init(&buffer, VALUE_SIZE_MAX);
    enum status status = count_jobs(view, group, &buffer, &tally);
    buffer_fini(&buffer);
    if (status != STATUS_OK) {
        return status;
    }
    if (tally.kept_count == 0) {
        return refuse(request, REPLY_CODE_EXPIRED, group->owner, out);
    }
    fill_state(request, group, &tally, &message.group_state);
    buffer_init(&buffer, FRAME_SIZE_MAX);
    status = frame_begin(&jobs, &buffer, 0);
    if (status == STATUS_OK) {
        status =
            write_jobs(view, group, &tally, request, retention, &jobs, &message.group_state.count);
    }
    if (status == STATUS_OK) {
        status = frame_write(out, &message);
    }
    if (status == STATUS_OK && message.group_state.count > 0) {
        status = frame_splice(out, frame_records(&jobs), message.group_state.count);
    }
    buffer_fini(&buffer);
    return status;
}

enum status query_group(struct view *view, const struct message_get_group *request,
                        const struct retention *retention, struct frame_writer *out)
{
    struct buffer buffer;
    struct group_value group;
    buffer_init(&buffer, VALUE_SIZE_MAX);
    enum status status = query_group_record(view, &request->group, &buffer, &group);
    if (status == STATUS_OK) {
        status = write_group(view, request, &group, retention, out);
    } else if (status == STATUS_NOT_FOUND) {
        status = refuse(request, REPLY_CODE_NOT_FOUND, SLICE_EMPTY, out);
    }
    buffer_fini(&buffer);
    return status;
}
