"""WeChat's official account: who somebody is, and what a page may ask the phone. Only this package knows wechatpy."""
