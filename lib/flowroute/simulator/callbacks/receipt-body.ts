import type { CallbackShape, StatusCodeStyle } from '../options';
import type { SimulatedMessage } from '../texts/message-log';
import type { Receipt } from '../texts/receipts';
import { secondsTime } from '../texts/timestamps';

export interface ReceiptForm {
  shape: CallbackShape;
  statusCode: StatusCodeStyle;
}

/** A receipt as it is posted. `related` is where the record of the text can be looked up. */
export function receiptBody(
  { id, to, from, body }: SimulatedMessage,
  receipt: Receipt,
  { shape, statusCode }: ReceiptForm,
  related: string,
): object {
  const { status, level, description } = receipt;
  const code = codePart(receipt.code, shape, statusCode);
  // Flat receipts name the numbers, but neither the level nor the time.
  if (shape === 'flat') {
    return { attributes: { to, from, body, status, ...code }, id, type: 'delivery_receipt' };
  }
  const timestamp = secondsTime(receipt.at);
  const attributes = { body, level, status, ...code, status_code_description: description };
  return {
    data: {
      attributes: { ...attributes, timestamp },
      id,
      links: { related },
      type: 'delivery_receipt',
    },
  };
}

/** Where there is no code, wrapped receipts say `null` and flat ones leave it out. */
function codePart(code: number | null, shape: CallbackShape, style: StatusCodeStyle): object {
  if (style === 'null') return { status_code: null };
  if (style === 'missing' || (code === null && shape === 'flat')) return {};
  return { status_code: code !== null && style === 'string' ? String(code) : code };
}
