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
  return drawTable(
    [{ title: 'check' }, { title: 'outcome' }, { title: 'what it says', flexible: true }],
    checks.map(({ name, outcome, sentence, code }) => [
      name,
      marks[outcome],
      printable(code === undefined ? sentence : `${sentence} (${code})`),
    ]),
    paint,
    columns,
  );
}

function drawVerdict({ known, asked, verdict }: Subject, { paint, columns }: Page): string[] {
  const sentence = (text: string): string[] => wrap(text, columns - 4).map((line) => `  ${line}`);
  const caveats = [
    ...(asked.assumed.includes('audience')
      ? [
          `No --audience was given: a resource must refuse what is not meant for it, and this token is meant for ${printable(asked.context.audience)}.`,
        ]
      : []),
    ...(known.source === 'fetched'
      ? [
          'Whoever answered for the issuer also said what to believe. Pin it: countersign policy fetch --issuer URL --out policy.json',
        ]
      : []),
  ];
  const head = verdict.ok
    ? `  ${paint.good('GENUINE')}  It was issued, it was logged, and it is in force.`
    : `  ${paint.bad('REFUSED')}  ${printable(verdict.code ?? '')}`;
  return [
    head,
    ...(verdict.ok ? [] : sentence(printable(verdict.message ?? ''))),
    ...(verdict.ok ? caveats.flatMap((text) => ['', ...sentence(text).map(paint.warn)]) : []),
  ];
}
