"""Runs in an environment of its own: Wacom's reader of InkML says what it has read, as JSON.

    python inkml_reader.py FILE

A stroke is a list of columns by name (X, Y, PRESSURE, AZIMUTH, ALTITUDE, TIMESTAMP; in SI units). It
reads files of one device, and takes tilt X and Y for azimuth and altitude.
"""

import json
import sys
import types

sys.modules["varint"] = types.ModuleType("varint")  # of another format; it has no wheel

from uim.codec.parser.inkml import InkMLParser  # noqa: E402

model = InkMLParser().parse(sys.argv[1])
names = {
    channel.id: channel.type.name
    for context in model.input_configuration.sensor_contexts
    for channels in context.sensor_channels_contexts
    for channel in channels.channels
}
strokes = [
    {names[one.id]: list(one.values) for one in data.data_channels}
    for data in model.sensor_data.sensor_data
]
print(json.dumps({"strokes": strokes, "ink": len(model.strokes)}))
