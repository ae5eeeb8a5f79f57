"""What a vote's notice says about paper, proxies and two ballots for one line: set while it is a draft, then fixed."""
