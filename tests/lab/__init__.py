"""The hardware lab: the hub in a virtual machine with a stock kernel, played devices, power cuts."""
