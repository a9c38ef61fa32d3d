// placeholder replaced below
export function priorTrafficTail(_raw: number): number { return 1; }
