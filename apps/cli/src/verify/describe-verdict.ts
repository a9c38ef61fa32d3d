// What `countersign verify` says: who vouches, what the token claims, each check, and the verdict.

import type { CheckResult } from '@countersign/verifier';
import type { Answer, Page } from '../answer/answer.ts';
import { textIn } from '../http/read-member.ts';
import type { KnownPolicy } from '../policy/fetch-policy.ts';
import { drawTable } from '../terminal/draw-table.ts';
import { printable, wrap } from '../terminal/paint.ts';
import type { Question } from './ask-context.ts';
import type { Verdict } from './check-token.ts';
import type { TokenClaim } from './read-token.ts';

/** How the verifier begins the sentence of a check that had nothing to look at. */
const NOT_LOOKED_AT = 'Not looked at';

export interface Subject {
  claim: TokenClaim;
  known: KnownPolicy;
  asked: Question;
  verdict: Verdict;
  issuer: string | undefined;
}

export function describeVerdict(subject: Subject): Answer {
  const { claim, known, asked, verdict, issuer } = subject;
  const { ok, checks, code, message, receipt } = verdict;
  return {
    ok,
    json: {
      command: 'verify',
      ok,
      code: code ?? null,
      message: message ?? null,
      issuer: issuer ?? null,
      tokenHash: claim.tokenHash,
      policy: { source: known.source, from: known.from, fingerprint: known.fingerprint },
      audience: asked.context.audience,
      type: asked.context.type,
      assumed: asked.assumed,
      receipt: receipt ?? null,
      checks: checks.map(({ name, outcome, sentence, code: checkCode }) => ({
        name,
        outcome,
        sentence,
        code: checkCode ?? null,
      })),
      // Only when they are vouched for: what a refused token says is nobody's word.
      claims: ok ? claim.payload : null,
    },
    lines: (page) => [
      '',
      ...drawHead(subject, page),
      '',
      ...drawChecks(checks, page),
      '',
      ...drawVerdict(subject, page),
    ],
  };
}

function drawHead({ claim, known, asked }: Subject, { paint, columns }: Page): string[] {
  const { header, payload, tokenHash } = claim;
  const label = (text: string): string => `  ${paint.faint(text.padEnd(9))} `;
  const value = (text: string): string => {
    const [first = '', ...rest] = wrap(printable(text), columns - 12);
    return [first, ...rest.map((line) => ' '.repeat(12) + line)].join('\n');
  };
  const policy =
    known.source === 'pinned'
      ? `${paint.good('pinned')} in ${printable(known.from)}`
      : paint.warn(
          `fetched just now from ${printable(new URL(known.from).host)}: trust on first use, not pinned`,
        );
  return [
    `${label('token')}${value(`${textIn(header, 'typ')} by key ${textIn(header, 'kid')} (${textIn(header, 'alg')})`)}`,
    `${label('says')}${value(`${textIn(payload, 'sub')} for ${asked.context.audience}, from ${textIn(payload, 'iss')}`)}`,
    `${label('sha256')}${tokenHash}`,
    `${label('policy')}${policy}`,
  ];
}

function drawChecks(checks: readonly CheckResult[], { paint, columns }: Page): string[] {
  const marks = {
    passed: paint.good('✓ passed'),
    failed: paint.bad('✗ FAILED'),
    skipped: paint.faint('· skipped'),
  };
  // Of a token that cannot even be read there is little to say; twenty empty rows would hide it.
  const shown = checks.filter(({ sentence }) => !sentence.startsWith(NOT_LOOKED_AT));
  const hidden = checks.length - shown.length;
  const table = drawTable(
    [{ title: 'check' }, { title: 'outcome' }, { title: 'what it says', flexible: true }],
    shown.map(({ name, outcome, sentence, code }) => [
      name,
      marks[outcome],
      printable(code === undefined ? sentence : `${sentence} (${code})`),
    ]),
    paint,
    columns,
  );
  if (hidden === 0) return table;
  return [
    ...table,
    paint.faint(`  ${hidden} more were not looked at, because one they build on failed.`),
  ];
}

function drawVerdict({ known, asked, verdict, issuer }: Subject, page: Page): string[] {
  const { paint, columns } = page;
  const sentence = (text: string): string[] => wrap(text, columns - 4).map((line) => `  ${line}`);
  if (!verdict.ok) {
    return [
      `  ${paint.bad('REFUSED')}  ${printable(verdict.code ?? '')}`,
      ...sentence(printable(verdict.message ?? '')),
    ];
  }
  const lines = [drawAcceptance(verdict, page)];
  if (asked.assumed.includes('audience')) {
    const audience = printable(asked.context.audience);
    const text = `No --audience was given. A resource must refuse what is not meant for it; this token is meant for ${audience}.`;
    lines.push('', ...sentence(text).map(paint.warn));
  }
  if (known.source === 'fetched') {
    const text =
      'The policy was not pinned: whoever answered for the issuer also said what to believe. Pin it with';
    lines.push('', ...sentence(text).map(paint.warn));
    lines.push(
      `    countersign policy fetch --issuer ${printable(issuer ?? 'URL')} --out policy.json`,
    );
  }
  return lines;
}

function drawAcceptance({ checks, receipt }: Verdict, { paint }: Page): string {
  const proven = checks.some(({ name, outcome }) => name === 'log' && outcome === 'passed');
  if (proven)
    return `  ${paint.good('GENUINE')}  It was issued, it was logged, and it is in force.`;
  const doubt =
    receipt === undefined
      ? 'This policy asks for no receipt, so nothing but the key vouches for it.'
      : 'Its receipt is good, but the log could not be asked whether it holds the leaf.';
  return `  ${paint.warn('ACCEPTED')}  ${doubt}`;
}
