#include "actors/subject.h"

#include <stdio.h>

struct subject subject_of(const struct message_job *job)
{
    struct subject subject;
    id_format(&job->job, subject.job);
    snprintf(subject.request, sizeof(subject.request), "%.*s", SLICE_PRINT(job->request_id));
    return subject;
}
