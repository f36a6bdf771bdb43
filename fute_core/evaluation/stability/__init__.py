"""How far an embedding moves with other rows, other probe texts and other words."""
