/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan/alias.h"
#include "support/table.h"

#include <string.h>

static const struct rank_row {
	const char *name; /* the pattern */
	const char *rank;
} rank_rows[] = {
	{ "pci:v00008086d000010D3sv00008086sd0000A01Fbc*sc*i*", "subsystem" },
	{ "pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00*", "subsystem" },
	{ "pci:v00008086d000010D3sv00008086sd*bc*sc*i*", "device" },
	{ "pci:v00008086d000010D3sv*sd0000A01Fbc*sc*i*", "device" },
	{ "pci:v00008086d000010D3sv*sd*bc*sc*i*", "device" },
	{ "pci:v00008086d000010D3*", "device" },
	{ "pci:v00008086d000010D3", "device" },
	{ "pci:v00008086d000010D[34]sv*sd*bc*sc*i*", "vendor" },
	{ "pci:v00008086d*sv*sd*bc02sc00i*", "vendor" },
	{ "pci:v00008086d*sv00008086sd00000001bc*sc*i*", "vendor" },
	{ "pci:v*d000010D3sv*sd*bc*sc*i*", "class" },
	{ "pci:v*d*sv*sd*bc01sc08i02*", "class" },
	{ "pci:v*d*sv*sd*bc*sc*i*", "class" },
	{ "pci:*", "class" },
	{ "usb:v0BDApB812d*dc*dsc*dp*ic*isc*ip*in*", "device" },
	{ "usb:v0BDAp*d*dc*dsc*dp*icFFiscFFip*in*", "vendor" },
	{ "usb:v*p*d*dc09dsc*dp*ic*isc*ip*in*", "class" },
	{ "hid:b0003g*v0000046Dp0000C52B", "device" },
	{ "hid:b*g0005v*p*", "class" },
	{ "pcmcia:m0279c950Bf*fn*pfn*pa*pb*pc*pd*", "device" },
	{ "pcmcia:m*c*f02fn*pfn*pa*pb*pc*pd*", "class" },
	{ "sdio:c*v0271d0419*", "device" },
	{ "sdio:c02v*d*", "class" },
	{ "virtio:d00000001v*", "device" },
	{ "virtio:d*v*", "class" },
	{ "hdaudio:v10EC0269r*a01*", "device" },
	{ "serio:ty06pr*id*ex*", "class" },
	{ "input:b*v*p*e*-e*1,*k*2C0,*r*a*m*l*s*f*w*", "class" },
	{ "acpi*:PNP0C0A:*", "device" },
	{ "of:N*T*Cvirtio,mmioC*", "device" },
	{ "mdio:0000000000100010010101100001????", "device" },
	{ "i2c:it87", "device" },
	{ "xen:vif", "device" },
	{ "dmi*:rvn*Kontron*:rn*COMe-cTH6*:", "device" },
	{ "dmi*:a*:b*", "class" },
	{ "pci:v[0", "none" },
};

static void ranks_a_pattern(void **state)
{
	const struct rank_row *row = *state;

	assert_string_equal(sp_rank_name(sp_alias_rank(row->name)), row->rank);
	assert_int_equal(sp_alias_rank_n(row->name, strlen(row->name)),
			 sp_alias_rank(row->name));
}

int main(void)
{
	return table_run("rank", rank_rows, ranks_a_pattern);
}
