"""What drivers of pens and of touches share: the kernel's input events, times, what is measured."""
