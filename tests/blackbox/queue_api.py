"""The statements of the contract that clients of the queue already speak (which is not part of this repository), in its
order: first line, last line, what it says, and the tests that cover it. A line without a statement, and a statement
without a test, fail test_queue_api.py."""

import ast
import re

STATEMENT_LINES = 308  # of the contract

QUEUE = "test_queue_api.py::"
ACCEPTED = QUEUE + "test_a_job_is_accepted_in_the_contracts_words"
FIELDS = QUEUE + "test_a_finished_job_has_every_field"
ACTIVE = QUEUE + "test_an_active_job_is_worked_on_and_stops_when_asked"
FAILED = QUEUE + "test_a_failed_job_says_why"
CANCELLED = QUEUE + "test_a_waiting_job_is_cancelled_at_once"
LISTS = QUEUE + "test_lists_have_their_defaults_and_their_pages"
MEDIA_LISTS = QUEUE + "test_lists_of_media_jobs_have_the_same"
FILTERS = QUEUE + "test_lists_are_filtered_by_status_and_type"
RETRIES = QUEUE + "test_a_failing_job_has_three_attempts_after_2_and_4_seconds"
RATES = QUEUE + "test_no_second_sees_more_starts_than_the_rate"
STEPS = "test_whole.py::test_the_steps_are_those_of_the_contract"
VIDEO_STEPS = "test_whole.py::test_the_video_reports_while_it_is_polled"
WORDS = "test_actor_session.py::test_a_job_reports_every_step_and_its_documents"

STATEMENTS = [
    (1, 8, "a queue POST answers at once with a job's id, and the job is polled", [
        ACCEPTED, "test_clients.py::test_the_example_of_the_documentation_works_to_its_end"]),
    (9, 14, "POST /api/v1/characters/queue", [ACCEPTED, "test_gateway_submit.py::test_a_character_is_queued"]),
    (15, 16, "it queues a character's creation", [FIELDS]),
    (17, 18, "its body is that of the synchronous POST", [
        "test_gateway_wait.py::test_a_body_is_checked_as_for_the_queue",
        "test_gateway_submit.py::test_a_wrong_field_is_named"]),
    (19, 24, "202 with success, statusCode and its message", [ACCEPTED]),
    (25, 32, "data: jobId (UUID 4), status pending, statusUrl", [ACCEPTED]),
    (33, 36, "GET /api/v1/character-jobs/:jobId", [FIELDS]),
    (37, 41, "200 with success and statusCode", [FIELDS]),
    (42, 43, "data.jobId", [FIELDS]),
    (44, 44, "status: pending, waiting, active, completed, failed, cancelled", [
        ACCEPTED, CANCELLED, ACTIVE, FIELDS, FAILED]),
    (45, 45, "progress: 0 to 100", [FIELDS, STEPS]),
    (46, 49, "result: characterId, error", [FIELDS, FAILED]),
    (50, 50, "failedReason", [FIELDS, FAILED]),
    (51, 51, "attemptsMade", [FIELDS, FAILED]),
    (52, 58, "createdAt, startedAt, completedAt", [FIELDS, ACTIVE]),
    (59, 62, "GET /api/v1/character-jobs", [LISTS]),
    (63, 64, "status filters", [FILTERS]),
    (65, 65, "limit, 20 by default", [LISTS]),
    (66, 67, "skip, 0 by default", [LISTS]),
    (68, 73, "200 with success, statusCode and data, a list", [LISTS]),
    (74, 82, "pagination: total, limit, skip, hasMore", [LISTS]),
    (83, 90, "DELETE /api/v1/character-jobs/:jobId is 200", [CANCELLED, ACTIVE]),
    (91, 96, "POST /api/v1/characters/:id/generate-image/queue", [ACCEPTED]),
    (97, 103, "poseId, optional", [
        ACCEPTED, "test_gateway_submit.py::test_an_image_is_queued_without_a_body",
        "test_actor_roles.py::test_an_image_follows_its_pose"]),
    (104, 109, "202 with success, statusCode and its message", [ACCEPTED]),
    (110, 119, "data: jobId, status pending, statusUrl of a media job", [ACCEPTED]),
    (120, 125, "POST /api/v1/characters/:id/media/:mediaId/generate-video/queue", [ACCEPTED]),
    (126, 129, "duration: 5 or 8 seconds", [
        QUEUE + "test_the_video_takes_5_or_8_seconds_and_a_resolution_if_at_all",
        "test_whole.py::test_the_video_is_h264_of_five_seconds"]),
    (130, 130, "resolution, optional, as 720p", [
        QUEUE + "test_the_video_takes_5_or_8_seconds_and_a_resolution_if_at_all",
        "test_whole.py::test_the_video_is_h264_of_five_seconds"]),
    (131, 134, "poseId, optional", [ACCEPTED, "test_gateway_submit.py::test_a_wrong_field_is_named"]),
    (135, 140, "202 with success, statusCode and its message", [ACCEPTED]),
    (141, 150, "data: jobId, status pending, statusUrl of a media job", [ACCEPTED]),
    (151, 156, "GET /api/v1/media-jobs/:jobId", [FIELDS]),
    (157, 161, "200 with success and statusCode", [FIELDS]),
    (162, 163, "data.jobId", [FIELDS]),
    (164, 164, "type: image or video", [FIELDS]),
    (165, 166, "status and progress", [FIELDS]),
    (167, 171, "result: mediaId, url, error", [FIELDS, "test_whole.py::test_the_picture_is_a_png_of_1024"]),
    (172, 175, "character: name, displayId", [FIELDS]),
    (176, 181, "createdAt, completedAt", [FIELDS]),
    (182, 185, "GET /api/v1/media-jobs", [FILTERS]),
    (186, 187, "type filters", [FILTERS]),
    (188, 188, "status filters", [FILTERS]),
    (189, 189, "limit, 20 by default", [MEDIA_LISTS]),
    (190, 193, "skip, 0 by default", [MEDIA_LISTS]),
    (194, 196, "pending: created", [ACCEPTED]),
    (197, 197, "waiting: in the queue", [CANCELLED]),
    (198, 198, "active: being processed", [ACTIVE]),
    (199, 199, "completed", [FIELDS]),
    (200, 200, "failed, after up to 3 attempts", [RETRIES]),
    (201, 204, "cancelled by the user", [CANCELLED]),
    (205, 208, "progress is told from 0 to 100", [STEPS, VIDEO_STEPS]),
    (209, 210, "character 10: document", [STEPS, WORDS]),
    (211, 211, "character 30: linked documents", [STEPS, WORDS]),
    (212, 212, "character 40: populated", [STEPS, WORDS]),
    (213, 213, "character 60: personality", [STEPS, WORDS]),
    (214, 214, "character 80: image", [STEPS, WORDS]),
    (215, 216, "character 100", [STEPS]),
    (217, 218, "image 20: character loaded", [STEPS, WORDS]),
    (219, 219, "image 40: populated", [STEPS, WORDS]),
    (220, 220, "image 60: generation started", [STEPS, WORDS]),
    (221, 221, "image 80: media entry", [STEPS, WORDS]),
    (222, 223, "image 100", [STEPS]),
    (224, 225, "video 10: character and media loaded", [VIDEO_STEPS, WORDS]),
    (226, 226, "video 20: motion prompt", [VIDEO_STEPS, WORDS]),
    (227, 227, "video 30: image uploaded", [VIDEO_STEPS, WORDS]),
    (228, 228, "video 40: task submitted", [VIDEO_STEPS, WORDS]),
    (229, 229, "video 50 to 80: polling", [VIDEO_STEPS]),
    (230, 230, "video 85: downloaded", [VIDEO_STEPS, WORDS]),
    (231, 231, "video 95: media entry", [VIDEO_STEPS, WORDS]),
    (232, 235, "video 100", [VIDEO_STEPS]),
    (236, 243, "the dashboard at /admin/queues: statistics, active and failed jobs, retry", []),
    (244, 246, "10 characters a second", [RATES]),
    (247, 247, "5 images a second", [RATES]),
    (248, 251, "3 videos a second", [RATES]),
    (252, 255, "5 jobs at once in a worker", [QUEUE + "test_a_worker_has_so_many_jobs_at_once"]),
    (256, 262, "or QUEUE_CONCURRENCY", [QUEUE + "test_a_worker_has_so_many_jobs_at_once"]),
    (263, 265, "3 attempts", [RETRIES]),
    (266, 266, "with 2 s between them, then 4 s", [
        RETRIES,
        "unit/test_core_retry.c::retries_after_2_and_4_seconds_and_then_fails"]),
    (267, 268, "5 minutes for a character", [
        QUEUE + "test_an_attempt_may_take_so_long", "unit/test_core_retry.c::ends_an_attempt_that_takes_too_long"]),
    (269, 269, "5 minutes for an image", [QUEUE + "test_an_attempt_may_take_so_long"]),
    (270, 273, "10 minutes for a video", [QUEUE + "test_an_attempt_may_take_so_long"]),
    (274, 308, "the example client", ["test_clients.py::test_the_example_of_the_documentation_works_to_its_end"]),
]
# First lines of what is not part of the product yet, and has no test for that reason alone.
UNBUILT = {236}


def problems_of_test(root, name):
    """What is wrong with the name of a test: FILE::FUNCTION of this folder, or unit/FILE::FUNCTION."""
    path, function = name.split("::")
    path = root / "tests" / path if path.startswith("unit/") else root / "tests/blackbox" / path
    if not path.is_file():
        return f"{path} does not exist"
    text = path.read_text()
    if path.suffix == ".c":
        return "" if re.search(rf"cmocka_unit_test\w*\({function}[,)]", text) else f"{name} does not run"
    found = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef) and node.name == function]
    skipped = [mark for node in found for mark in node.decorator_list
               if ast.unparse(mark).startswith("pytest.mark.skip")]
    return "" if found and not skipped else f"{name} does not run"
