"""Remote hands: what an engineer of the district asks this hub to do, if the school agrees.

`order.py` is the message, signed; `judging.py` says what is wrong with one; `register.py` is what
the school has allowed, whose keys it knows, and what came; `doing.py` is the closed list of what
can be done; `hands.py` takes what comes, step by step, each on the disk before the next.
"""

from plugins.district.hands.hands import Hands
from plugins.district.hands.routes import add_routes

__all__ = ["Hands", "add_routes"]
