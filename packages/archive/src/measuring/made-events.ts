// Events as a busy tenant has them, made by SQL: for measuring how a large archive is searched, where
// recording them one by one would take the day. Twenty thousand people, few of them busy; tokens that are
// issued and then used; records of a mail service between them.

/** A number below `below` that looks random, from the number of the event. */
const pick = (salt: number, below: number): string => `(hash(i * 64 + ${salt}) % ${below})`;
const share = pick(1, 1000);

const FACTS = `SELECT i, {first_ms} + i * {step_ms} + ${pick(2, 900)} AS time_ms,
    substr(md5('person' || CAST(floor(pow(${pick(3, 1_000_000)} / 1e6, 3) * 20000) AS INTEGER)), 1, 22) AS person,
    sha256('token' || (i // 3)) AS token_hash, sha256('jti' || (i // 3)) AS token,
    CASE WHEN ${share} < 450 THEN 'token.verified' WHEN ${share} < 700 THEN 'token.issued'
      WHEN ${share} < 780 THEN 'token.refreshed' WHEN ${share} < 850 THEN 'session.started'
      WHEN ${share} < 980 THEN 'microsoft-365:MailItemsAccessed' WHEN ${share} < 999 THEN 'token.refused'
      ELSE 'key.used' END AS name,
    'app-' || ${pick(4, 40)} AS app, md5('session' || ${pick(3, 20_000)} || (i // 20000)) AS session,
    '10.' || ${pick(5, 20)} || '.' || ${pick(6, 60)} || '.' || ${pick(7, 25)} AS ip,
    ['NO', 'SE', 'DE', 'FR', 'GB', 'US', 'NL', 'PL', 'ES', 'IT'][1 + CAST(${pick(8, 10)} AS INTEGER)] AS country,
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/' || (110 + ${pick(9, 30)}) || '.0.0.0 Safari/537.36' AS user_agent,
    'key-' || (i // 300000) || '-' || ${pick(10, 4)} AS kid, 'mailbox-' || ${pick(11, 9000)} AS resource
  FROM range({first}, {last} + 1) AS made(i)`;

const IDENTIFIED = `SELECT *, md5('uid' || i) AS h, printf('%012x', CAST(time_ms AS BIGINT)) AS t,
    substr(t, 1, 8) || '-' || substr(t, 9, 4) || '-7' || substr(h, 1, 3) || '-8' || substr(h, 4, 3) || '-' || substr(h, 7, 12) AS uid,
    CASE name WHEN 'token.verified' THEN 6003 WHEN 'microsoft-365:MailItemsAccessed' THEN 6005
      WHEN 'key.used' THEN 3004 ELSE 3002 END AS class_uid,
    CASE name WHEN 'token.refused' THEN 2 ELSE 1 END AS severity_id FROM (${FACTS})`;

/** JSON with `<<column>>` where the text of a column goes. */
function spell(json: string): string {
  const pieces = json.split(/<<|>>/).map((piece, at) => (at % 2 === 0 ? `'${piece}'` : piece));
  // One call: a chain of `||` copies what it has at each of its links.
  return `concat(${pieces.join(', ')})`;
}

const COMMON = `"metadata":{"correlation_uid":"<<session>>","event_code":"<<name>>","log_name":"countersign",\
"logged_time":<<time_ms + 7>>,"product":{"name":"countersign","vendor_name":"Countersign",\
"version":"0.1.0"},"tenant_uid":"{tenant}","uid":"<<uid>>","version":"1.8.0"},\
"session":{"uid":"<<session>>"},"severity":"Informational","severity_id":<<severity_id>>,\
"src_endpoint":{"ip":"<<ip>>","location":{"country":"<<country>>"}},"status_id":<<severity_id>>,\
"time":<<time_ms>>,"type_uid":<<class_uid * 100 + 3>>`;

const OURS =
  spell(`{"activity_id":3,"activity_name":"Preauth","auth_protocol_id":4,"category_uid":3,\
"class_uid":<<class_uid>>,"http_request":{"user_agent":"<<user_agent>>"},\
"message":"A token was issued.",${COMMON},"unmapped":{"countersign":{"alg":"ES256",\
"aud":["https://api.example"],"client_id":"<<app>>","event":"<<name>>",\
"iss":"https://id.example/{tenant}/workforce","journal_number":<<i>>,"jti_hash":"<<token>>",\
"kid":"<<kid>>","kind":"access","ledger_match":true,"log_index":<<i>>,"realm":"{tenant}/workforce",\
"scope":"openid profile mail.read","sub":"<<person>>","token_hash":"<<token_hash>>","typ":"at+jwt",\
"v":1}},"user":{"type":"User","type_id":1,"uid":"<<person>>"}}`);

const IMPORTED =
  spell(`{"activity_id":1,"activity_name":"Read","actor":{"user":{"uid":"<<person>>"}},\
"category_uid":6,"class_uid":6005,"databucket":{"name":"<<resource>>","type_id":99},\
"message":"Mail was read.",${COMMON},\
"raw_data":"{\\"Operation\\":\\"MailItemsAccessed\\",\\"UserId\\":\\"<<person>>\\",\\"AppId\\":\\"<<app>>\\",\\"MailAccessType\\":\\"Bind\\"}",\
"unmapped":{"countersign":{"activity":{"items":[{"id":"<<substr(h, 8, 20)>>@mail.example",\
"in":"<<resource>>","kind":"mail"}],"kind":"access","operation":"MailItemsAccessed",\
"outcome":"success","persons":["upn:<<person>>"],"tokens":["uti:<<substr(token, 1, 22)>>"]}}}}`);

/** SQL of the rows of one file, as they are sealed. */
export function madeEvents(options: {
  tenant: string;
  first: number;
  last: number;
  firstMs: number;
  stepMs: number;
}): string {
  const imported = "name = 'microsoft-365:MailItemsAccessed'";
  const rows = `SELECT '{tenant}' AS tenant, i AS number, i * 2 AS sequence, uid,
      CAST(time_ms AS BIGINT) AS time_ms, CAST(time_ms + 7 AS BIGINT) AS logged_ms,
      CAST(class_uid AS INTEGER) AS class_uid, 3 AS activity_id,
      CAST(class_uid * 100 + 3 AS INTEGER) AS type_uid, name,
      CAST(severity_id AS INTEGER) AS severity_id, CAST(severity_id AS INTEGER) AS status_id,
      person, CASE WHEN ${imported} THEN 'upn:' || person END AS persons,
      NULL::VARCHAR AS person_name, CASE WHEN ${imported} THEN person END AS actor, app, session, NULL::VARCHAR AS sessions, ip,
      country, NULL::VARCHAR AS asn, user_agent, CASE WHEN ${imported} THEN NULL ELSE kid END AS kid,
      CASE WHEN ${imported} THEN 'uti:' || substr(token, 1, 22) ELSE token END AS token, NULL::VARCHAR AS tokens,
      CASE WHEN ${imported} THEN NULL ELSE token_hash END AS token_hash,
      CASE WHEN ${imported} THEN NULL ELSE 'https://api.example' END AS audience, NULL::VARCHAR AS audiences,
      CASE WHEN ${imported} THEN resource END AS resource,
      CASE WHEN ${imported} THEN 'MailItemsAccessed' END AS operation,
      CASE WHEN ${imported} THEN 'microsoft-365' END AS source,
      CASE WHEN ${imported} THEN ${IMPORTED} ELSE ${OURS} END AS ocsf,
      unhex(md5('salt' || i)) AS salt, NULL::BLOB AS leaf FROM (${IDENTIFIED})`;
  return rows
    .replaceAll('{tenant}', options.tenant)
    .replaceAll('{first_ms}', String(options.firstMs))
    .replaceAll('{step_ms}', String(options.stepMs))
    .replaceAll('{first}', String(options.first))
    .replaceAll('{last}', String(options.last));
}
