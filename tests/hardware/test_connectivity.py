# SPDX-License-Identifier: MIT
"""The wires that a walker's safety hangs on, one by one, and what must not be connected."""

from __future__ import annotations

import pytest

from hardware.tools.netlist import placed

GND, COIL = "GND", "+5V_COIL"

# Written down by hand from the design, not from the drawing: a swapped label passes KiCad's
# rule check, but not this.
WIRES = {
    "the pump pin A feeds C1": ("R1.2", "C1.1"),
    "C1 pumps into the middle of D1": ("C1.2", "D1.3"),
    "the pump pin B feeds C2": ("R2.2", "C2.1"),
    "C2 pumps into the middle of D2": ("C2.2", "D2.3"),
    "both phases fill one reservoir": ("D1.2", "D2.2", "C3.1", "R3.1"),
    "the reservoir drives Q1's base through R3": ("R3.2", "R4.1", "Q1.1"),
    "Q1 pulls Q2's gate": ("Q1.3", "R5.2", "Q2.1"),
    "Q2 feeds the coil, and D3 catches it": ("Q2.3", "K1.A1", "D3.1"),
    "Q3 grounds the coil, and D4 catches it": ("K1.A2", "Q3.3", "D4.2"),
    "RELAY_EN drives Q3's gate": ("R6.2", "R7.1", "Q3.1"),
    "e-stop contact 1 lies between key and K1": ("S1.12", "J3.2", "K1.11"),
    "the key loop comes in at e-stop contact 1": ("S2.2", "J4.1", "J3.1", "S1.11"),
    "the key loop leaves at K1's closing contact": ("K1.14", "J4.2", "X1.2"),
    "the original key stays in series": ("X1.1", "S2.1"),
    "e-stop contact 2 gets its supply through the fuse": ("F2.2", "J3.3", "S1.21"),
    "e-stop contact 2 feeds the coil": ("S1.22", "J3.4", "Q2.2", "R13.1"),
    "the e-stop sense looks behind contact 2": ("R13.2", "R14.1", "C5.1"),
    "feedback is the resting contact of pole 2": ("K1.22", "R11.2", "R12.1"),
}
TO_GROUND = ("D1.1", "D2.1", "C3.2", "R4.2", "Q1.2", "Q3.2", "R7.2", "R8.2", "R9.2", "R10.2",
             "D3.2", "R14.2", "K1.21")  # fmt: skip
KEY_LOOP = {"S1.11", "S1.12", "J3.1", "J3.2", "K1.11", "K1.14", "J4.1", "J4.2", "S2.1", "S2.2",
            "X1.1", "X1.2", "R55.1"}  # fmt: skip


def net(netlist, pin: str) -> str:
    ref, _, number = pin.partition(".")
    return netlist.net_of(ref, number)


@pytest.mark.parametrize("claim", WIRES)
def test_wire(netlist, claim):
    assert len({net(netlist, pin) for pin in WIRES[claim]}) == 1


def test_no_two_of_these_wires_touch(netlist):
    nets = [net(netlist, pins[0]) for pins in WIRES.values()]
    assert len(set(nets)) == len(nets)


@pytest.mark.parametrize("pin", TO_GROUND)
def test_to_ground(netlist, pin):
    assert net(netlist, pin) == GND


@pytest.mark.parametrize("pin", ["Q2.2", "R5.1", "D4.1", "C4.1"])
def test_to_the_coil_supply(netlist, pin):
    assert net(netlist, pin) == COIL


def test_the_coil_supply_has_no_way_round_the_e_stop(netlist):
    feeding = {f"{ref}.{pin}" for ref, pin in netlist.nets[COIL]}
    assert feeding == {
        "S1.22", "J3.4", "Q2.2", "R5.1", "D4.1", "C4.1", "R13.1", "D50.1",
    }  # fmt: skip


def test_the_key_loop_touches_nothing_but_contacts(netlist):
    nets = {net(netlist, pin) for pin in KEY_LOOP if pin != "R55.1"}
    touched = {f"{r}.{p}" for n in nets for r, p in netlist.nets[n]}
    assert touched == KEY_LOOP
    assert nets.isdisjoint({GND, COIL, "+5V", "+5V_MCU", "+3V3"})


def test_nothing_lies_across_a_contact_of_the_key_loop(netlist):
    nets = {net(netlist, pin) for pin in KEY_LOOP if pin != "R55.1"}
    for ref in {r for n in nets for r, _ in netlist.nets[n]} - {"S1", "S2", "X1", "J3", "J4"}:
        ends = [p for p, n in netlist.pins_of(ref).items() if n in nets]
        assert len(ends) == 1 or ref == "K1", ref


def test_key_sense_takes_current_only_from_the_load_side(netlist):
    assert net(netlist, "R55.1") == net(netlist, "K1.14")
    assert net(netlist, "R55.2") == net(netlist, "U3.1") == net(netlist, "D52.1")
    assert net(netlist, "U3.2") == net(netlist, "J10.1") == net(netlist, "D52.2")


def test_usb_cannot_feed_the_coil(netlist):
    assert (net(netlist, "D6.2"), net(netlist, "D6.1")) == ("+5V", "+5V_MCU")
    assert {r for r, _ in netlist.nets["+5V"]} & {"U1"} == set()


def test_the_second_stop_hangs_on_the_pump_and_on_its_own_enable(netlist):
    assert net(netlist, "K2.A1") == net(netlist, "Q2.3")
    assert net(netlist, "K2.A2") == net(netlist, "Q5.3") == net(netlist, "D50.2")
    assert net(netlist, "K2.14") == net(netlist, "K2.21")  # both poles in series


def test_every_shield_ends_at_ground(netlist):
    assert {net(netlist, p) for p in ("J5.4", "J12.4", "J6.3", "J8.3")} == {GND}


def test_hall_b_is_drawn_as_hall_a(netlist):
    twin = {"U4": "U7", "U2": "U6", "F3": "F4", "J5": "J12"}
    twin |= {f"{k}{20 + i}": f"{k}{60 + i}" for k in "RCD" for i in range(5)}
    for a, b in twin.items():
        if a in netlist.parts:
            assert netlist.parts[a].value.replace("HALL A", "HALL B") == netlist.parts[b].value
            for pin, there in netlist.pins_of(a).items():
                others = {twin.get(r, r) for r, _ in netlist.nets[there] if r in twin}
                match = {r for r, _ in netlist.nets[netlist.net_of(b, pin)] if r in twin.values()}
                assert others == match or there in (GND, "+3V3", "+5V_MCU"), (a, pin)


def test_the_netlist_has_the_parts_and_values_of_the_drawing(netlist):
    drawn = placed()
    assert drawn.keys() == netlist.parts.keys()
    for ref, fields in drawn.items():
        part = netlist.parts[ref]
        assert fields["Value"] == part.value, ref
        for name in ("Tolerance", "Part", "Substitutes", "Place", "Build"):
            assert fields[name] == part.fields.get(name, ""), (ref, name)
