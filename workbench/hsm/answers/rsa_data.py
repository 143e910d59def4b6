"""Known answers for RSA with a published 2048-bit key.

Owns test vectors only; nothing here is secret or in use.
"""

from base64 import b64decode
from typing import Final

PRIVATE_KEY: Final = b64decode(
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCitFGgfQql+W5FVnFRNVBRSopbRi6+9xcJT6H+"
    "6CIk5jf5dG0/fK/TGHjYAyW271oXAPZZA7RpQp6J1urIhFCXtas5MYnbklEu2KdxGhJT+s0g95wV6CR/PT5C5G5I"
    "yY4lSi/pdlMToD7/jxfhoCk5eh+iao3OJvSQ7YEplhXZgUwi2mEEKOCcfZZYWUJm9cAh0PzsoI2UWhK+gt5NHs5r"
    "TAMUW100ldTtVBHrh42vBf16/D4JraDxEmQi9ZCXWhlpgW9IaYvLuhtNnK551GDY+fheeXUAXZvCLE5awPfBpF0S"
    "VppigH07mgLlpTDncwZvRT0fW0wunPeCAoP3QrnVAgMBAAECggEAJM3GIxf11ypva6bMljKJmwHR/yiGfXL2FoiZ"
    "W8hVpOQgqEBSUAib2xPPjglUOCe3SLnSf7srTZ4gr4xaaoYnltGkzBitFupni8G9SoO7vpxeV0U7XOc4jkGjukzi"
    "t3tEOKIp6VT3INrgNT3AiKyKdrJtwnb44beFHd1jmK0W/y54GVEjubA26UXDjJ0SQ09t92/iI1nrPhrJwBFnj8km"
    "+tOuR1pP//9V/rLRR+nIlPTA4ppZnnYkYkgtlov0J4CUX8DSwxxXPEQxuPT+i4xnvsgVq9RPeobtyhwjCHNzWNLC"
    "rl4uDi2t9zCYAmI3flixO32ZkgYKC8hwzP20qTGe4QKBgQDcQxBQ94LolPtSSCR9mMt9WLjR4k87VdBBxW5N4Iaw"
    "1bsCi9pC7rXSNNVoHlgJ1BXmoomtTPv3j5ePbDWBT1Duv/HFuApp94joHmurXdqng2nWWdFD7G8X55gTpXXPrZxW"
    "kVa5ARPi6REK2ee0ihyTSKbmUzIRkSkOo2z7OlsY8QKBgQC9GoHnl3+YmBIic64yIrWY6l+xnrTqvDgwil4yGWYD"
    "suUA/7efW4hoFmEd68Ry+sRVRAcL6wV8lBN4poaK87egPT+YgOxH1eCJuU+95UKrqa6NcsVwiNer9bEx85CY97wW"
    "D5BTaryUkv1OBvPtcpnUuXuwNncgfZVmnxQM+8IPJQKBgQCpS1KLKPKRWZEh2RlS/9HH8h18FHnZnUeIhfsWGHDu"
    "Ehi/CEcmEtvlSX6NnGUGiOCceGlhrj4sNU3EiuNFFHWcTCPEWISIlh3Aa0FOYcDh5/u9KSPTFTL+KJ+W2iIHEeWM"
    "FAGYCOAEFCdpM7sH5O+5tKmzdlaRcgUgnzPwlRXXwQKBgDrw5yqTOu8J/yUD33i6/tUxwC/xorxDfFQM3L1K01Q1"
    "z1EXY1llQ0gGKbEUyn94D/fvoy6gy24ADW2eofLvcf2c+ZSEIqFlVX4351Xt/nDZC5IFAutHi8mKY/eIzjoPhW1u"
    "3nJRo4O/qPpICoGpJa97PMU4xLq4yfdZf/toAR2NAoGAJkD7+8/vsWPueoe2SDpm7kH5VtkPqKeTm/wELuCSSxt5"
    "k9BEX3WNUZM+hRecAyCwyWi0ipHDi1vpI+EJfAxWL4jUIpS2onWbr6VCinTxJwh05F9vzGDyFgLeXszRQ88xJB9Z"
    "IbWtOYP7VO8XvjsoU2flDJmcZyR7VS/kv86UX3s="
)
"""The key pair of Wycheproof's rsa_oaep_2048_sha256_mgf1sha256_test.json, PKCS#8: a test key."""

OAEP_SHA256: Final = b64decode(
    "IHGAw0Bli1FUrkXS5OcyagmXxoOia1leU2opMzxLZhSa+F4CnVQZo546FHsiFRb/2GtrS2bD4MTEn+jFei9cN7hw"
    "S5tZK4DbnNeIpO1Rq08KHL7WO9GNHwaiLyJYZrDCxBfLI0c7e6QlCxNTvS5bTw+TfNLv5fo42zwpX3dIuXAIhlfb"
    "Sqmnbh7m+/8WbsGGHQDQhTJsc4S90bwvQA1PdNvfra8/3EYHPmaFc+AgMLnrWvWOtUDGZnencRlEeewAmNhYoupF"
    "0LoeazJEDfusdFAAVU1RoXaEypZLAqdNR58dQy73Y+9AWXFaQ0jP42ohU1lxLyW2l3kDvkrbkv679g=="
)
"""The ciphertext of the same file, tcId 2."""

OAEP_SHA1: Final = b64decode(
    "eDyS09sEQrOrq2BgMuE812UJvWBpN1sNRyskV4OevUMwbVfAJGC2jbDZ/fq6ja9Tz4StHHg0qXdVPlt8lycL3oe8"
    "X9SfrSBlA+kAd+c9adbo1Lk7u8kmuttQGUC2xoMjjcmAu4y6XTzV03tMrsZ5e5fhUSPPG19RY1awo86Cs4/p3Yug"
    "GrpMMIf6+REdv3o7UTLplqUt2ZlRU8jKH2znIwhF4sPATBqsfk+ZgUoSPnObU+LteB8JO3GlaXON4OQs7u6c2JS6"
    "L9uwXyPhS3SZgeaVyRRGfXmTWpxAr2CjHlS/A4gw3HVNPrQWJdzBRv8cm2trMz0nvrDrWWsQAMKpqw=="
)
"""A ciphertext of the message made with OpenSSL 3.0 under the same key."""

PSS_SHA256: Final = b64decode(
    "BljGj+CJVkYFbZvKQipk/kiBO04U8MjEEi5W00W2gT3GKG/94BRhfjUcevCg0sDyhd73nLc04eBVol+m/dwcB9oX"
    "tLI1xjdBOxhJwkMR+nIzH0wEWMNkpJFt6GGbiE1+NyiPrRKSb8CR9IUWhqBP0KUE2849s3BmOm6mEo/qhsLKlMY+"
    "DTTX8shFtdcdml5URFH1JKRRrLhcSbunhk4KNKSGE6gZyvPf0NUQyUDx3yHDNzkVvh81CaVX+k1aTp8nPoVGeWET"
    "PiSCwJBzhkVCKPsCRmOGFvwxu7b6fCNhuANZlO7GmpI/TAuwuoaW3+ixQAwjmNezQ/30mLERbI3mAg=="
)
"""Wycheproof, rsa_pss_2048_sha256_mgf1_32_test.json (same key), tcId 2."""

PKCS1_SHA256: Final = b64decode(
    "LYINAyndsNf4xatMXPZzpA0jX1HAC9W8qH0S0uSOM4Klb3cliPRoqIyf2nsOuYWeTs3H+Fdg+nTo5wzAPgNW9h2O"
    "83+d5eG08cgEg79p+3raxwAZOlMrcMwIR5oSlA+LB/5jYWr2hApgwv6jy6d7qKYFSvRnDCUQrwaajwZm/CcycuXp"
    "xj6/IHKyvPb1MJ2g/s0NgDxLn36elX8P7TyRIu2adGtVnbpYJFNa7iJN1jxEDrYHFwxnOgn03mSKG3nWGjSn9dRw"
    "hCcYkaxFovLhb7oYQH8cAsOLpcyLt3znKUUQRq2OLA2gvU1qc+UpRbF0e2FJHRgFjSaHjuPJSmT0ig=="
)
"""A signature of the message made with OpenSSL 3.0 under the same key."""
