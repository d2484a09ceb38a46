#include "actors/doctor.h"

#include <stdio.h>
#include "actors/limits.h"
#include "actors/provider_check.h"
#include "base/clock.h"
#include "base/log.h"

enum {
    CHECK_TIMEOUT_MS = 15000,
    DOCTOR_TIMERS = 8, /* of the HTTP client */
};

struct doctor {
    struct loop *loop;
    struct http *http;
    enum provider_use use;
    const struct provider_endpoint *endpoint;
    bool is_well;
};

static void tell(struct doctor *doctor, const struct provider_check *check)
{
    printf("%-5s  %-5s  %s: %s\n", check->is_wrong ? "wrong" : "ok", provider_use_name(doctor->use),
           doctor->endpoint->name, check->text);
    fflush(stdout);
    doctor->is_well = doctor->is_well && !check->is_wrong;
}

static void take_models(void *context, const struct http_response *response)
{
    struct doctor *doctor = context;
    struct provider_check check;
    struct clock clock;
    clock_init(&clock, 0);
    provider_check_judge(doctor->endpoint, response, clock_now_ms(&clock), &check);
    tell(doctor, &check);
    loop_stop(doctor->loop);
}

static void check_endpoint(struct doctor *doctor)
{
    char url[HTTP_URL_SIZE_MAX + 1];
    struct http_transfer *transfer = NULL;
    snprintf(url, sizeof(url), "%s%s", doctor->endpoint->url,
             provider_check_path(doctor->endpoint->api));
    const struct http_request request = {
        .url = url,
        .bearer = doctor->endpoint->key,
        .timeout_ms = CHECK_TIMEOUT_MS,
        .answer_size_max = CHECK_LIST_SIZE_MAX,
    };
    if (http_start(doctor->http, &request, take_models, doctor, &transfer) == STATUS_OK) {
        loop_run(doctor->loop);
    } else {
        const struct provider_check check = {.is_wrong = true,
                                             .text = "the request could not be begun"};
        tell(doctor, &check);
    }
}

bool doctor_run(const struct role *role, const struct actor_settings *settings)
{
    struct doctor doctor = {.is_well = true};
    if (settings->providers.is_null) {
        printf("ok     null   nothing is called\n");
        return true;
    }
    enum status status = loop_new(&doctor.loop);
    status = status == STATUS_OK ? loop_timers_reserve(doctor.loop, DOCTOR_TIMERS) : status;
    status = status == STATUS_OK ? http_new(doctor.loop, &doctor.http) : status;
    if (status != STATUS_OK) {
        log_error("cannot check the providers", "status=%s", status_name(status));
        doctor.is_well = false;
    }
    for (int use = 0; use < PROVIDER_USE_COUNT && doctor.http != NULL; use++) {
        const struct provider_list *list = &settings->providers.lists[use];
        bool is_used = (role->uses & 1u << use) != 0;
        doctor.use = (enum provider_use)use;
        for (size_t index = 0; is_used && index < list->count; index++) {
            doctor.endpoint = &list->items[index];
            check_endpoint(&doctor);
        }
    }
    http_destroy(&doctor.http);
    loop_destroy(&doctor.loop);
    return doctor.is_well;
}
