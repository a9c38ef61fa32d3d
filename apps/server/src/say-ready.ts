// The lines a person sees after `npm start`: that it runs, where to go, how to sign in.

import type { seedDemo } from './seed-demo.ts';
import type { Settings } from './settings/read-settings.ts';

export interface ReadyFacts {
  settings: Settings;
  seeded: Awaited<ReturnType<typeof seedDemo>> | undefined;
  tookMs: number;
}

export function sayReady({ settings, seeded, tookMs }: ReadyFacts): void {
  const { url, data } = settings;
  const lines = [
    `Countersign is ready at ${url} (${(tookMs / 1000).toFixed(1)} s)`,
    '',
    ...(seeded?.seeded.realms ?? []).map(({ issuer }) => `  issuer      ${issuer}`),
    `  log         ${url}/log/checkpoint`,
    `  data        ${data}`,
  ];
  if (seeded !== undefined) {
    const [person] = seeded.seeded.people;
    lines.push(
      `  sign in     ${person?.username ?? 'nobody'} (${person?.realm ?? ''}); passwords and client secrets are in ${seeded.file}`,
    );
  }
  lines.push('', '  Next: npx countersign scenario run storm-0558', '');
  console.log(lines.join('\n'));
}
