"""What pages ask of `fute_core`: no widget, so that it can be tested and computed ahead."""
