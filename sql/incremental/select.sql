SELECT {values} {rows}
