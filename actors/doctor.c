#include "actors/doctor.h"

#include <stdio.h>
#include <string.h>
#include "actors/host_list.h"
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
    struct provider_check check;
    bool is_well;
};

static void tell(struct doctor *doctor, const struct provider_check *check)
{
    printf("%-7s  %-5s  %s: %s\n", provider_check_verdict(check), provider_use_name(doctor->use),
           doctor->endpoint->name, check->text);
    fflush(stdout);
    doctor->is_well = doctor->is_well && !check->is_wrong;
}

static void take_models(void *context, const struct http_response *response)
{
    struct doctor *doctor = context;
    struct clock clock;
    clock_init(&clock, 0);
    provider_check_judge(doctor->endpoint, response, clock_now_ms(&clock), &doctor->check);
    if (response->outcome == HTTP_OUTCOME_ANSWERED && response->status / 100 == 3) {
        provider_check_location(&doctor->check, http_header(response, "location"),
                                doctor->endpoint->key);
    }
    loop_stop(doctor->loop);
}

static void take_place(void *context, const struct http_response *response)
{
    struct doctor *doctor = context;
    if (response->outcome == HTTP_OUTCOME_FORBIDDEN) {
        provider_check_warn(&doctor->check,
                            "; it is at a private address: pictures and videos there will be "
                            "refused without TROUPE_RESULT_PRIVATE=on");
    }
    loop_stop(doctor->loop);
}

static void take_predictions(void *context, const struct http_response *response)
{
    struct doctor *doctor = context;
    provider_check_list(response, &doctor->check);
    loop_stop(doctor->loop);
}

static void take_open(void *context, const struct http_response *response)
{
    struct doctor *doctor = context;
    provider_check_open(response, &doctor->check);
    loop_stop(doctor->loop);
}

/* Asks for the newest of its predictions. */
static void check_look_up(struct doctor *doctor)
{
    char url[HTTP_URL_SIZE_MAX + 1];
    struct http_transfer *transfer = NULL;
    snprintf(url, sizeof(url), "%s/api/v3/predictions", doctor->endpoint->url);
    const struct http_request request = {
        .url = url,
        .bearer = doctor->endpoint->key,
        .json = SLICE_LITERAL("{\"page\":1,\"page_size\":1}"),
        .timeout_ms = CHECK_TIMEOUT_MS,
        .answer_size_max = CHECK_LIST_SIZE_MAX,
    };
    if (http_start(doctor->http, &request, take_predictions, doctor, &transfer) == STATUS_OK) {
        loop_run(doctor->loop);
    }
}

/* Whether the provider's own host is one that results are fetched from; they may be at others. */
static bool is_host_allowed(const struct provider_endpoint *endpoint, const char *hosts)
{
    const char *host = strstr(endpoint->url, "://");
    host = host == NULL ? endpoint->url : host + 3;
    size_t size = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/");
    return hosts == NULL || host_list_has(hosts, slice_make(host, size));
}

/* Asks for the list of models: with a key (NULL: without one), and everywhere, or only where a
 * result may be fetched from. */
static bool ask(struct doctor *doctor, const char *key, bool global_only, http_function *function)
{
    char url[HTTP_URL_SIZE_MAX + 1];
    struct http_transfer *transfer = NULL;
    snprintf(url, sizeof(url), "%s%s", doctor->endpoint->url,
             provider_check_path(doctor->endpoint->api));
    const struct http_request request = {
        .url = url,
        .bearer = key,
        .timeout_ms = CHECK_TIMEOUT_MS,
        .answer_size_max = CHECK_LIST_SIZE_MAX,
        .global_only = global_only,
    };
    bool is_begun = http_start(doctor->http, &request, function, doctor, &transfer) == STATUS_OK;
    if (is_begun) {
        loop_run(doctor->loop);
    }
    return is_begun;
}

static void check_endpoint(struct doctor *doctor, const struct providers *providers)
{
    const char *key = doctor->endpoint->key;
    bool has_key = key != NULL && key[0] != '\0';
    bool has_results = doctor->use != PROVIDER_USE_CHAT;
    if (!ask(doctor, key, false, take_models)) {
        doctor->check =
            (struct provider_check){.is_wrong = true, .text = "the request could not be begun"};
    } else if (!doctor->check.is_wrong && has_results) {
        if (!providers->result_private) {
            ask(doctor, key, true, take_place);
        }
        if (!is_host_allowed(doctor->endpoint, providers->result_hosts)) {
            provider_check_warn(&doctor->check, "; its host is not in TROUPE_RESULT_HOSTS: "
                                                "pictures and videos there will be refused");
        }
    }
    if (!doctor->check.is_wrong && has_key) {
        ask(doctor, NULL, false, take_open);
    }
    if (!doctor->check.is_wrong && doctor->endpoint->looks_up) {
        check_look_up(doctor);
    }
    tell(doctor, &doctor->check);
}

bool doctor_run(const struct role *role, const struct actor_settings *settings)
{
    struct doctor doctor = {.is_well = true};
    if (settings->providers.is_null) {
        printf("ok       null   nothing is called\n");
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
            check_endpoint(&doctor, &settings->providers);
        }
    }
    http_destroy(&doctor.http);
    loop_destroy(&doctor.loop);
    return doctor.is_well;
}
