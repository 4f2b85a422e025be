{place} & {mask}
