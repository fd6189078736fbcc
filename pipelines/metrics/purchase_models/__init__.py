"""What customers will buy: models of how often they purchase, how long they stay, and how much they spend.

Here are the models on distinct histories with their counts, pure of frames and files, and how they are fitted.
Tables made of them, backtests and settings must stay out: they are in the modules that call these.
"""
