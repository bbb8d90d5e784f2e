"""The network that finds burned-in text: letters drawn over real pictures, and what is learned from them."""
