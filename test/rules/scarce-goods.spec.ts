import { ScarceGoods } from '../../src/inventory/scarce-goods.js';
import { newId } from '../../src/kernel/ids.js';

const merchantId = newId<'merchant'>();
const wanted = (sku: string, quantity = 1) => ({ merchantId, sku, quantity });
const level = (sku: string, onHand: number, reserved: number) => ({ merchantId, sku, onHand, reserved });

describe('Goods that were scarce', () => {
  it('are remembered each for itself, and of one merchant', () => {
    const scarce = new ScarceGoods();
    expect(scarce.hasAnyOf([wanted('TEA')])).toBe(false);
    scarce.add([wanted('TEA')]);
    expect(scarce.hasAnyOf([wanted('CUP'), wanted('TEA')])).toBe(true);
    expect(scarce.hasAnyOf([wanted('CUP')])).toBe(false);
    expect(scarce.hasAnyOf([{ ...wanted('TEA'), merchantId: newId<'merchant'>() }])).toBe(false);
  });

  it('are forgotten once nobody has reserved ten times what all want together', () => {
    const scarce = new ScarceGoods();
    scarce.add([wanted('TEA'), wanted('CUP')]);
    const asked = [wanted('TEA', 2), wanted('TEA', 3), wanted('CUP')];
    scarce.forgetPlentiful([level('TEA', 149, 100), level('CUP', 10, 0)], asked);
    expect([scarce.hasAnyOf([wanted('TEA')]), scarce.hasAnyOf([wanted('CUP')])]).toEqual([true, false]);
    scarce.forgetPlentiful([level('TEA', 150, 100)], asked);
    expect(scarce.hasAnyOf([wanted('TEA')])).toBe(false);
  });

  it('are 10,000 at most, and the first are forgotten first', () => {
    const scarce = new ScarceGoods();
    scarce.add(Array.from({ length: 10_001 }, (_, index) => wanted(`SKU-${index}`)));
    expect(scarce.hasAnyOf([wanted('SKU-0')])).toBe(false);
    expect(scarce.hasAnyOf([wanted('SKU-1')])).toBe(true);
  });
});
