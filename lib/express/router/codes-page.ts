import { recoveryCodesPage } from '../../pages/recovery-codes-page';
import type { Exchange } from './exchange';
import { frameOf } from './frame';

/**
 * New recovery codes, shown in the answer to the post that made them and nowhere else: a page that a
 * redirect leads to would have to find them somewhere.
 */
export function codesPage({ edge, req }: Exchange, codes: string[], next: string): string {
  return recoveryCodesPage({ ...frameOf(edge, req), codes, next });
}
