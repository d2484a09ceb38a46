// The request that makes a job like this one.

const PRIORITY_USUAL = 128;

// {path, body}, or null when a job of this kind is not made by a request.
export function requestOf(job) {
  const input = job.input;
  if (!input) {
    return null;
  }
  const {characterId, mediaId, sourceMediaId, ...body} = input;
  const character = job.characterId || characterId;
  const source = job.sourceMediaId || sourceMediaId || mediaId;
  if (job.queue === "character") {
    return {path: "/api/v1/characters/queue", body: input};
  }
  if (job.queue === "image" && character) {
    return {path: `/api/v1/characters/${character}/generate-image/queue`, body};
  }
  if (job.queue === "video" && character && source) {
    return {path: `/api/v1/characters/${character}/media/${source}/generate-video/queue`, body};
  }
  return null;
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

// What stands beside the input, and is the job's as well.
function optionsOf({priority, tags, metadata}) {
  const given = {
    ...(priority && priority !== PRIORITY_USUAL ? {priority} : {}),
    ...(tags?.length ? {tags} : {}),
    ...(metadata && Object.keys(metadata).length ? {metadata} : {}),
  };
  return Object.keys(given).length ? {options: given} : {};
}

export function curlOf(job, origin) {
  const {path, body: input} = requestOf(job);
  const body = {...input, ...optionsOf(job)};
  return [
    "curl -X POST",
    '-H "Authorization: Bearer $TOKEN"',
    '-H "Content-Type: application/json"',
    `-d ${quoted(JSON.stringify(body))}`,
    quoted(origin + path),
  ].join(" \\\n  ");
}
