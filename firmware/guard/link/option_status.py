# SPDX-License-Identifier: MIT
"""What status says about the options that are fitted; loaded only with one of them."""

from guard.link.outgoing import TF

MISSING = ("none", "a", "b")


def put_options(app, out):
    options = app.guard.options
    out.raw(b',"options":{"fitted":')
    out.number(app.settings.fitted())
    if options.hall:
        _put_hall(app, options.hall, out)
    if options.second:
        out.add(
            ',"second_stop":"%s","second_dropped":%s'
            % ("closed" if options.second.on else "open", TF[app.sample.second_dropped])
        )
    if options.key:
        out.add(',"key_loop":"%s"' % ("closed" if app.sample.key_closed else "open"))
    if options.incline:
        _put_incline(options.incline, out)
    out.raw(b"}")


def _put_hall(app, hall, out):
    d_um = app.settings.distance_per_edge_um
    phase = hall.phase
    out.add(
        ',"speed_b_mm_s":%d,"edges_b":%d,"hall_b_permille":%d,"missing":"%s"'
        % (hall.b.v_mm_s, hall.b.edges, app.sample.hall_b_permille, MISSING[hall.lost])
    )
    if hall.quadrature:
        out.add(
            ',"phase_permille":%s,"forward_mm":%d,"backward_mm":%d'
            % (
                phase.permille if phase.permille >= 0 else "null",
                phase.forward_edges * (d_um // 100) // 10,
                phase.backward_edges * (d_um // 100) // 10,
            )
        )


def _put_incline(incline, out):
    shown = incline.known and not incline.lost
    out.add(
        ',"incline_permille":%s,"incline_raw_permille":%s'
        % (
            incline.permille if shown else "null",
            incline.raw_permille if shown else "null",
        )
    )
